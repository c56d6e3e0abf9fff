package outreach

import (
	"context"
	"encoding/xml"
	"fmt"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Calendar gives the visits of a team, or to a site, as an iCalendar file (RFC 5545): cancelled ones stay in it as
// such, so that a calendar that follows the file takes them off. Visits of more than a year ago are left out.
func (d *Desk) Calendar(ctx context.Context, who access.Actor, team, site int64) ([]byte, error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return nil, err
	}
	var rows []Visit
	name := ""
	err := postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		if team != 0 {
			t, err := teamByID(ctx, tx, team)
			if err != nil {
				return err
			}
			name = t.Name
		} else {
			s, err := siteByID(ctx, tx, who, site)
			if err != nil {
				return err
			}
			name = s.Name
		}
		return tx.SelectContext(ctx, &rows, selectVisits+`
			WHERE ($1 = 0 OR v.team_id = $1) AND ($2 = 0 OR v.site_id = $2) AND v.starts_at > $3
			ORDER BY v.starts_at, v.id`, team, site, d.now().AddDate(-1, 0, 0))
	})
	if err != nil {
		return nil, err
	}
	cal := ical.NewCalendarFor("blangko")
	cal.SetMethod(ical.MethodPublish)
	cal.SetXWRCalName("Jemput bola: " + name)
	for _, v := range rows {
		e := cal.AddEvent(fmt.Sprintf("visit-%d@blangko", v.ID))
		e.SetDtStampTime(d.now())
		e.SetStartAt(v.Starts)
		e.SetEndAt(v.Ends)
		e.SetSequence(int(v.Version))
		e.SetSummary(fmt.Sprintf("Jemput bola: %s (tim %s)", v.SiteName, v.TeamName))
		if v.Lon != nil {
			e.SetGeo(*v.Lat, *v.Lon)
		}
		switch v.State {
		case Cancelled, Missed:
			e.SetStatus(ical.ObjectStatusCancelled)
		case Proposed:
			e.SetStatus(ical.ObjectStatusTentative)
		default:
			e.SetStatus(ical.ObjectStatusConfirmed)
		}
	}
	return []byte(cal.Serialize(ical.WithNewLine("\r\n"))), nil // on Linux it would write line feeds alone
}

// gpx is a GPX 1.1 document, as devices for finding the way read it.
type gpx struct {
	XMLName xml.Name   `xml:"gpx"`
	Version string     `xml:"version,attr"`
	Creator string     `xml:"creator,attr"`
	Space   string     `xml:"xmlns,attr"`
	Routes  []gpxRoute `xml:"rte"`
}

type gpxRoute struct {
	Name   string     `xml:"name"`
	Points []gpxPoint `xml:"rtept"`
}

type gpxPoint struct {
	Lat  float64 `xml:"lat,attr"`
	Lon  float64 `xml:"lon,attr"`
	Time string  `xml:"time,omitempty"`
	Name string  `xml:"name"`
}

// GPX gives a plan as GPX: a route for each day of a team, from its depot over its visits and back.
func (d *Desk) GPX(ctx context.Context, who access.Actor, id int64) ([]byte, error) {
	p, err := d.Plan(ctx, who, id)
	if err != nil {
		return nil, err
	}
	teams, err := d.teamsOf(ctx, who, p)
	if err != nil {
		return nil, err
	}
	doc := gpx{Version: "1.1", Creator: "blangko", Space: "http://www.topografix.com/GPX/1/1"}
	for _, day := range p.teamDays() {
		t := teams[day[0].Team]
		r := gpxRoute{Name: t.Name + " " + day[0].Day}
		home := func() {
			if t.DepotLon != nil {
				r.Points = append(r.Points, gpxPoint{Lat: *t.DepotLat, Lon: *t.DepotLon, Name: t.Name})
			}
		}
		home()
		for _, v := range day {
			if v.Lon != nil {
				r.Points = append(r.Points, gpxPoint{Lat: *v.Lat, Lon: *v.Lon, Time: v.Starts.UTC().Format(time.RFC3339), Name: v.SiteName})
			}
		}
		home()
		doc.Routes = append(doc.Routes, r)
	}
	text, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write GPX: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}
