package outreach

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-pdf/fpdf"
	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
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
	p := newLetter(office.Name, fmt.Sprintf("Surat Pemberitahuan Jemput Bola KJ/%d/%d", v.Plan, v.ID))
	p.text("Kepada Yth. Pimpinan " + v.SiteName)
	p.text("Dengan hormat kami beritahukan bahwa tim pelayanan administrasi kependudukan akan berkunjung:")
	zone := v.Zone.Location()
	p.row("Hari, tanggal", dayNames[v.Starts.In(zone).Weekday()]+", "+v.Starts.In(zone).Format("02-01-2006"))
	p.row("Pukul", fmt.Sprintf("%s sampai %s %s", v.Starts.In(zone).Format("15.04"), v.Ends.In(zone).Format("15.04"), v.Zone))
	p.row("Tim", v.TeamName)
	p.row("Perkiraan dilayani", people(v.Expected)+" orang")
	if v.RecordOnly {
		p.text("Pada kunjungan ini dilakukan perekaman; kartu dicetak kemudian, setelah blangko tersedia.")
	}
	p.text("Mohon disiapkan ruangan dengan aliran listrik, serta salinan Kartu Keluarga mereka yang akan dilayani. Daftar nama disimpan oleh lembaga dan tidak dikirimkan melalui aplikasi ini.")
	return p.bytes()
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
	l := newLetter(p.Name, fmt.Sprintf("Surat Tugas Jemput Bola KJ/%d/%d", p.ID, t.ID))
	l.text(fmt.Sprintf("Tim %s, %d petugas dengan %d alat rekam, melaksanakan kunjungan berikut:", t.Name, t.Members, t.Sets))
	for _, day := range p.teamDays() {
		if day[0].Team != team {
			continue
		}
		zone := day[0].Zone.Location()
		l.heading(dayNames[day[0].Starts.In(zone).Weekday()] + ", " + day[0].Starts.In(zone).Format("02-01-2006"))
		for _, v := range day {
			l.row(fmt.Sprintf("%s-%s %s", v.Starts.In(zone).Format("15.04"), v.Ends.In(zone).Format("15.04"), v.Zone),
				fmt.Sprintf("%s: %s orang, %d blangko", v.SiteName, people(v.Expected), v.Blanks))
		}
	}
	l.text("Blangko diserahterimakan oleh kantor dan tim dengan jumlah yang sama-sama dihitung, dan dikembalikan sesudah kunjungan.")
	return l.bytes()
}

var dayNames = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}

// people words a count that may be hidden.
func people(c Count) string {
	if c.Hidden {
		return fmt.Sprintf("kurang dari %d", smallest)
	}
	return fmt.Sprint(c.People)
}

// letter is a page of an office.
type letter struct {
	pdf  *fpdf.Fpdf
	word func(string) string // to the encoding of the built-in fonts
}

func newLetter(office, title string) *letter {
	l := &letter{pdf: fpdf.New("P", "mm", "A4", "")}
	l.word = l.pdf.UnicodeTranslatorFromDescriptor("")
	l.pdf.SetTitle(title, true)
	l.pdf.SetCreator("blangko", true)
	l.pdf.SetMargins(25, 20, 25)
	l.pdf.AddPage()
	l.pdf.SetFont("Helvetica", "B", 13)
	l.pdf.CellFormat(0, 8, l.word("Dinas Kependudukan dan Pencatatan Sipil"), "", 1, "C", false, 0, "")
	l.pdf.CellFormat(0, 8, l.word(office), "B", 1, "C", false, 0, "")
	l.pdf.Ln(6)
	l.heading(title)
	return l
}

func (l *letter) heading(text string) {
	l.pdf.SetFont("Helvetica", "B", 11)
	l.pdf.MultiCell(0, 7, l.word(text), "", "L", false)
}

func (l *letter) text(text string) {
	l.pdf.SetFont("Helvetica", "", 11)
	l.pdf.Ln(2)
	l.pdf.MultiCell(0, 6, l.word(text), "", "L", false)
	l.pdf.Ln(2)
}

func (l *letter) row(name, value string) {
	l.pdf.SetFont("Helvetica", "", 11)
	l.pdf.CellFormat(45, 6, l.word(name), "", 0, "L", false, 0, "")
	l.pdf.MultiCell(0, 6, l.word(value), "", "L", false)
}

func (l *letter) bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := l.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	return b.Bytes(), nil
}
