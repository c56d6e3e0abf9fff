package road

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"
)

// OSRM asks a server that speaks OSRM's table service. A server that hangs, dies or answers nonsense costs no plan:
// the table then comes from Fallback, and its Source says so. One that hung is not asked again for a minute, so that
// whoever tries one change of a plan after another waits for it once.
type OSRM struct {
	Address  string        // of the server, http://127.0.0.1:5000
	Profile  string        // "driving" when empty
	Timeout  time.Duration // of the whole table; 20 s when 0
	Fallback Roads         // GreatCircle{} when nil
	Client   *http.Client  // http.DefaultClient when nil
	Now      func() time.Time

	mu   sync.Mutex
	hung time.Time // when it last did not answer in time
}

// restAfterHang is how long a server that did not answer in time is left alone.
const restAfterHang = time.Minute

// atOnce is how many questions a server is asked side by side.
const atOnce = 4

// block is how many points stand on each side of one question: together no more than a server allows by default (100).
const block = 50

// Table asks for the travel times block by block, a few at a time.
func (o *OSRM) Table(ctx context.Context, points []orb.Point) (t Table, err error) {
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	o.mu.Lock()
	rests := !o.hung.IsZero() && now().Sub(o.hung) < restAfterHang
	o.mu.Unlock()
	if !rests {
		if t, err = o.ask(ctx, points); err == nil {
			return t, nil
		}
	}
	if ctx.Err() != nil {
		return Table{}, ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		o.mu.Lock()
		o.hung = now()
		o.mu.Unlock()
	}
	fallback := o.Fallback
	if fallback == nil {
		fallback = GreatCircle{}
	}
	if t, err = fallback.Table(ctx, points); err != nil {
		return Table{}, err
	}
	t.Source = "osrm-failed, " + t.Source
	return t, nil
}

func (o *OSRM) ask(ctx context.Context, points []orb.Point) (Table, error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	n := len(points)
	t := newTable(n, "osrm")
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := 0; i < n; i += block {
		for j := 0; j < n && ctx.Err() == nil; j += block {
			group.Go(func() error { return o.fill(ctx, &t, points, i, j) })
		}
	}
	if err := group.Wait(); err != nil {
		return Table{}, err
	}
	for i := range n {
		t.Seconds[i*n+i], t.Metres[i*n+i] = 0, 0
	}
	return t, nil
}

// fill asks for the block of t that begins at row i and column j; blocks lie apart, so a few may be filled at once.
func (o *OSRM) fill(ctx context.Context, t *Table, points []orb.Point, i, j int) error {
	n := len(points)
	rows, columns := points[i:min(n, i+block)], points[j:min(n, j+block)]
	durations, distances, err := o.part(ctx, rows, columns)
	if err != nil {
		return err
	}
	for a := range rows {
		for b := range columns {
			at := (i+a)*n + j + b
			t.Seconds[at] = durations[a][b]
			switch {
			case durations[a][b] == Unreachable:
			case distances != nil:
				t.Metres[at] = distances[a][b]
			default: // a server before version 5.18 tells no distances
				t.Metres[at] = int32(math.Ceil(GreatCircle{}.metres(rows[a], columns[b])))
			}
		}
	}
	return nil
}

// part asks for the times and distances from some points to others; distances are nil where the server tells none.
func (o *OSRM) part(ctx context.Context, from, to []orb.Point) (durations, distances [][]int32, err error) {
	address, err := o.url(from, to)
	if err != nil {
		return nil, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	client := o.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	var body struct {
		Code      string       `json:"code"`
		Message   string       `json:"message"`
		Durations [][]*float64 `json:"durations"`
		Distances [][]*float64 `json:"distances"`
	}
	const most = 4 << 20
	if err := json.NewDecoder(io.LimitReader(answer.Body, most)).Decode(&body); err != nil {
		return nil, nil, fmt.Errorf("answer %d of the road server: %w", answer.StatusCode, err)
	}
	if answer.StatusCode != http.StatusOK || body.Code != "Ok" {
		return nil, nil, fmt.Errorf("the road server answered %d %s %s", answer.StatusCode, body.Code, body.Message)
	}
	if durations, err = wholes(body.Durations, len(from), len(to)); err != nil || body.Distances == nil {
		return durations, nil, err
	}
	distances, err = wholes(body.Distances, len(from), len(to))
	return durations, distances, err
}

// wholes holds an answer against the size that was asked for and rounds it up; null is a way that is not there.
func wholes(durations [][]*float64, rows, columns int) ([][]int32, error) {
	if len(durations) != rows {
		return nil, fmt.Errorf("the road server answered %d rows, not %d", len(durations), rows)
	}
	all := make([][]int32, rows)
	for i, row := range durations {
		if len(row) != columns {
			return nil, fmt.Errorf("row %d of the road server has %d entries, not %d", i, len(row), columns)
		}
		all[i] = make([]int32, columns)
		for j, s := range row {
			switch {
			case s == nil:
				all[i][j] = Unreachable
			case *s < 0 || *s > 1e8 || math.IsNaN(*s):
				return nil, errors.New("the road server answered a time or distance that is none")
			default:
				all[i][j] = int32(math.Ceil(*s))
			}
		}
	}
	return all, nil
}

func (o *OSRM) url(from, to []orb.Point) (string, error) {
	base, err := url.Parse(o.Address)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return "", fmt.Errorf("the address of the road server is not a URL such as http://127.0.0.1:5000")
	}
	profile := o.Profile
	if profile == "" {
		profile = "driving"
	}
	var points, sources, destinations []string
	add := func(list []orb.Point, at *[]string) {
		for _, p := range list {
			*at = append(*at, strconv.Itoa(len(points)))
			points = append(points, strconv.FormatFloat(p[0], 'f', 6, 64)+","+strconv.FormatFloat(p[1], 'f', 6, 64))
		}
	}
	add(from, &sources)
	add(to, &destinations)
	return base.JoinPath("table", "v1", profile, strings.Join(points, ";")).String() + "?annotations=duration,distance&sources=" + strings.Join(sources, ";") +
		"&destinations=" + strings.Join(destinations, ";"), nil
}
