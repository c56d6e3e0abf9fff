package outreach

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/paper"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Letter gives the letter that announces a visit to its site (surat pemberitahuan) as PDF. It names institutions and
// numbers, and nobody.
func (d *Desk) Letter(ctx context.Context, who access.Actor, id int64) ([]byte, error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return nil, err
	}
	var v Visit
	var office region.Region
	err := postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) (err error) {
		if v, err = visitByID(ctx, tx, id); err != nil {
			return err
		}
		office, err = region.ByID(ctx, tx, v.RegionID, region.Today(region.WIB, d.now()))
		return err
	})
	if err != nil {
		return nil, err
	}
	v.veil(who)
	p := paper.New(agency, office.Name, fmt.Sprintf("Surat Pemberitahuan Jemput Bola KJ/%d/%d", v.Plan, v.ID), d.now())
	p.Text("Kepada Yth. Pimpinan " + v.SiteName)
	p.Text("Dengan hormat kami beritahukan bahwa tim pelayanan administrasi kependudukan akan berkunjung:")
	zone := v.Zone.Location()
	p.Row("Hari, tanggal", paper.Weekdays[v.Starts.In(zone).Weekday()]+", "+v.Starts.In(zone).Format("02-01-2006"))
	p.Row("Pukul", fmt.Sprintf("%s sampai %s %s", v.Starts.In(zone).Format("15.04"), v.Ends.In(zone).Format("15.04"), v.Zone))
	p.Row("Tim", v.TeamName)
	p.Row("Perkiraan dilayani", people(v.Expected)+" orang")
	if v.RecordOnly {
		p.Text("Pada kunjungan ini dilakukan perekaman; kartu dicetak kemudian, setelah blangko tersedia.")
	}
	p.Text("Mohon disiapkan ruangan dengan aliran listrik, serta salinan Kartu Keluarga mereka yang akan dilayani. Daftar nama disimpan oleh lembaga dan tidak dikirimkan melalui aplikasi ini.")
	return p.Bytes()
}

// TaskLetter gives a team's letter of duty for its days of a plan (surat tugas) as PDF.
func (d *Desk) TaskLetter(ctx context.Context, who access.Actor, plan, team int64) ([]byte, error) {
	p, err := d.Plan(ctx, who, plan)
	if err != nil {
		return nil, err
	}
	t, err := d.Team(ctx, who, team)
	if err != nil {
		return nil, err
	}
	l := paper.New(agency, p.Name, fmt.Sprintf("Surat Tugas Jemput Bola KJ/%d/%d", p.ID, t.ID), d.now())
	l.Text(fmt.Sprintf("Tim %s, %d petugas dengan %d alat rekam, melaksanakan kunjungan berikut:", t.Name, t.Members, t.Sets))
	for _, day := range p.teamDays() {
		if day[0].Team != team {
			continue
		}
		zone := day[0].Zone.Location()
		l.Heading(paper.Weekdays[day[0].Starts.In(zone).Weekday()] + ", " + day[0].Starts.In(zone).Format("02-01-2006"))
		for _, v := range day {
			l.Row(fmt.Sprintf("%s-%s %s", v.Starts.In(zone).Format("15.04"), v.Ends.In(zone).Format("15.04"), v.Zone),
				fmt.Sprintf("%s: %s orang, %d blangko", v.SiteName, people(v.Expected), v.Blanks))
		}
	}
	l.Text("Blangko diserahterimakan oleh kantor dan tim dengan jumlah yang sama-sama dihitung, dan dikembalikan sesudah kunjungan.")
	return l.Bytes()
}

// agency heads the letters of an office.
const agency = "Dinas Kependudukan dan Pencatatan Sipil"

// people words a count that may be hidden.
func people(c Count) string {
	if c.Hidden {
		return fmt.Sprintf("kurang dari %d", smallest)
	}
	return fmt.Sprint(c.People)
}
