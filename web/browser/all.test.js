// Every journey, one after the other, with one server and one browser.
import './journeys.js';
import './offline.js';
import './receiving.js';
import './outreach.js';
import './desk.js';
import './ways.js';
import './trouble.js';
import './coverage.js';
import './borders.js';
import './screens.js';
