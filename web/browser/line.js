// A line between the browser and the server that a test can make bad: slow, cut before or after the server has done its
// part, answered by half, or by somebody else.
import http from 'node:http';

// line gives { url, asked, rule, close }. `rule(request)` says what happens to a request: nothing for a good line, or
//   delay     milliseconds before the answer goes back
//   cut       'before' the server hears of it, 'after' it has done it, or by 'half' of the answer
//   answer    [status, body]: somebody else's answer in the place of the server's
//   rewrite   a function of the text that the server answered
//   heard     a function that hears what was sent
// `asked` lists what came by, with the status that went back, or 0.
export async function line(to) {
  const it = { url: '', asked: [], rule: () => undefined, close: () => undefined };
  const server = http.createServer((req, res) => pass(it, to, req, res).catch(() => req.socket.destroy()));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  it.url = `http://127.0.0.1:${server.address().port}`;
  it.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return it;
}

async function pass(it, to, req, res) {
  const seen = { method: req.method, path: req.url, key: req.headers['idempotency-key'], status: 0 };
  it.asked.push(seen);
  const how = it.rule(req) ?? {};
  const parts = [];
  for await (const part of req) parts.push(part);
  how.heard?.(Buffer.concat(parts).toString());
  if (how.cut === 'before') return req.socket.destroy();
  let [status, head, body] = how.answer ? [how.answer[0], { 'content-type': how.answer[1].startsWith('{') ? 'application/problem+json' : 'text/html' }, Buffer.from(how.answer[1])] : await forward(to, req, Buffer.concat(parts), !!how.rewrite);
  if (how.delay) await new Promise((done) => setTimeout(done, how.delay));
  if (how.cut === 'after') return req.socket.destroy();
  if (how.rewrite) body = Buffer.from(how.rewrite(body.toString()));
  delete head['transfer-encoding'];
  const length = body.length;
  if (how.cut === 'half') {
    res.writeHead(status, { ...head, 'content-length': length });
    res.write(body.subarray(0, length >> 1), () => req.socket.destroy());
    return undefined;
  }
  seen.status = status;
  res.writeHead(status, status === 304 ? head : { ...head, 'content-length': length });
  res.end(body);
  return undefined;
}

const forward = (to, req, sent, plain) =>
  new Promise((done, fail) => {
    const headers = { ...req.headers };
    if (plain) {
      delete headers['accept-encoding'];
      delete headers['if-none-match'];
    }
    const asked = http.request(to + req.url, { method: req.method, headers, agent: false }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      done([answer.statusCode, { ...answer.headers }, Buffer.concat(parts)]);
    });
    asked.on('error', fail);
    asked.end(sent);
  });
