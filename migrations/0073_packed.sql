-- What is packed for a region and not dispatched yet is looked for by every suggestion, allocation and forecast.

-- +goose Up

CREATE INDEX shipments_packed ON shipments (region_id) WHERE state = 'prepared';
