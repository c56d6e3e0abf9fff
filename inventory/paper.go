package inventory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	papers "blangko/internal/paper"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// ErrNoPaper is the fault of a record that has not come far enough to be printed, or never will.
var ErrNoPaper = fault.New(fault.Conflict, "no-paper-yet") // kind, state, wanted

// goods are what is kept in stock, as papers name it, and how it is counted.
var goods = map[string]struct{ name, unit string }{
	"ktp-el": {"Blangko KTP-el", "keping"}, "kia": {"Blangko KIA", "keping"}, "ribbon": {"Ribbon", "gulung"}, "film": {"Film", "gulung"},
}

// printing is a paper in the making.
type printing struct {
	*papers.Paper
	stamp stamp
}

// newPaper begins a paper of the office of a region. What the demo made says so.
func (l *Ledger) newPaper(code, office, title string, s stamp, synthetic bool) printing {
	agency := "Dinas Kependudukan dan Pencatatan Sipil"
	if code == access.Nation {
		agency = "Direktorat Jenderal Kependudukan dan Pencatatan Sipil"
	}
	p := printing{papers.New(agency, office, title, l.now()), s}
	p.Row("Nomor", s.Document)
	if synthetic {
		p.Row("Catatan", "DATA SINTETIS, bukan surat yang sebenarnya")
	}
	return p
}

// finish seals a paper and gives its PDF.
func (p printing) finish(ctx context.Context, tx *sqlx.Tx) ([]byte, error) {
	secret, err := paperSecret(ctx, tx)
	if err != nil {
		return nil, err
	}
	code := p.stamp.code(secret)
	err = p.Seal(code, "Pindai untuk memeriksa keaslian dan jumlah.", "Nomor: "+p.stamp.Document, "Jumlah: "+papers.Number(p.stamp.Pieces),
		"Tanda periksa: "+code[strings.LastIndex(code, ":")+1:])
	if err != nil {
		return nil, err
	}
	return p.Bytes()
}

func (p printing) total(unit string) {
	p.Row("Jumlah seluruhnya", fmt.Sprintf("%s (%s) %s", papers.Number(p.stamp.Pieces), papers.Words(p.stamp.Pieces), unit))
}

// unit is how a paper counts its lines together.
func unit(items []string) string {
	for _, item := range items {
		if goods[item].unit != goods[items[0]].unit {
			return "barang"
		}
	}
	return goods[items[0]].unit
}

// day words a business date.
func day(date *string) string {
	if date == nil {
		return "-"
	}
	d, err := time.Parse(time.DateOnly, *date)
	if err != nil {
		return *date
	}
	return papers.Weekdays[d.Weekday()] + ", " + papers.Date(d)
}

var modeWords = map[string]string{"courier": "dikirim", "pickup": "diambil sendiri"}

// DeliveryNote is the paper that travels with a shipment (surat jalan). A cancelled shipment has none.
func (l *Ledger) DeliveryNote(ctx context.Context, who access.Actor, id int64) (pdf []byte, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		s, err := shipmentByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if s.State == ShipmentCancelled {
			return ErrNoPaper.With("kind", "shipment", "state", s.State)
		}
		pdf, err = l.deliveryNote(ctx, tx, s)
		return err
	})
	return pdf, err
}

func (l *Ledger) deliveryNote(ctx context.Context, tx *sqlx.Tx, s Shipment) ([]byte, error) {
	st := stamp{Kind: "shipment", ID: s.ID, Document: s.Document}
	var rows [][]string
	var items []string
	for _, line := range s.Lines {
		st.Pieces += line.Pieces
		items = append(items, line.Item)
		rows = append(rows, []string{fmt.Sprintf("%d. %s", line.Line, goods[line.Item].name), papers.Number(line.Pieces), goods[line.Item].unit})
	}
	p := l.newPaper(s.From, s.FromName, "Surat Jalan", st, s.Synthetic)
	p.Row("Dari", fmt.Sprintf("%s (%s)", s.FromName, s.From))
	p.Row("Kepada", fmt.Sprintf("%s (%s)", s.ToName, s.To))
	p.Row("Cara", strings.TrimSuffix(modeWords[s.Mode]+": "+s.Carrier, ": "))
	p.Row("Dikirim", day(s.DispatchedOn))
	p.Row("Perkiraan tiba", day(s.ExpectedOn))
	p.Table([]string{"Barang", "Jumlah", "Satuan"}, []float64{4, 2, 1}, rows)
	p.total(unit(items))
	p.Signatures("Yang menyerahkan", "Yang membawa", "Yang menerima")
	return p.finish(ctx, tx)
}

// HandoverRecord is the record of what was handed over at a receipt (berita acara serah terima). Only a confirmed
// receipt has one.
func (l *Ledger) HandoverRecord(ctx context.Context, who access.Actor, id int64) (pdf []byte, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		r, err := receiptByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.State != ReceiptConfirmed {
			return ErrNoPaper.With("kind", "receipt", "state", r.State, "wanted", ReceiptConfirmed)
		}
		s, err := shipmentByID(ctx, tx, r.Shipment)
		if err != nil {
			return err
		}
		pdf, err = l.handoverRecord(ctx, tx, r, s)
		return err
	})
	return pdf, err
}

func (l *Ledger) handoverRecord(ctx context.Context, tx *sqlx.Tx, r Receipt, s Shipment) ([]byte, error) {
	st := stamp{Kind: "receipt", ID: r.ID, Document: r.Document}
	var rows [][]string
	var items []string
	for _, line := range r.Lines {
		sent := s.Lines[line.Line-1]
		st.Pieces += line.Good + line.Damaged + line.Quarantined + line.Over
		items = append(items, sent.Item)
		rows = append(rows, []string{fmt.Sprintf("%d. %s", line.Line, goods[sent.Item].name), papers.Number(sent.Pieces), papers.Number(line.Good),
			papers.Number(line.Damaged), papers.Number(line.Quarantined), papers.Number(line.Over)})
	}
	p := l.newPaper(s.To, s.ToName, "Berita Acara Serah Terima", st, r.Synthetic)
	p.Row("Surat jalan", s.Document)
	p.Text(fmt.Sprintf("Pada hari %s, %s menyerahkan kepada %s barang berikut, yang dihitung bersama:", day(&r.Date), s.FromName, s.ToName))
	p.Table([]string{"Barang", "Dikirim", "Baik", "Rusak", "Karantina", "Lebih"}, []float64{4, 2, 2, 2, 2, 2}, rows)
	p.total(unit(items))
	if r.Reason != "" {
		p.Row("Keterangan", r.Reason)
	}
	if !r.Complete {
		p.Text("Sisa kiriman menyusul.")
	}
	p.Signatures("Pihak pertama (pengirim)", "Pihak kedua (penerima)")
	return p.finish(ctx, tx)
}

var conditionWords = map[Condition]string{Usable: "siap pakai", Spoiled: "rusak/gagal cetak", Surrendered: "kartu lama yang ditarik", Quarantine: "karantina"}

// LossRecord is the record of blanks lost or stolen (berita acara kehilangan). A loss that was found again has none, nor has a draft.
func (l *Ledger) LossRecord(ctx context.Context, who access.Actor, id int64) ([]byte, error) {
	return l.printed(ctx, who, func(tx *sqlx.Tx) (printing, error) {
		o, err := lossByID(ctx, tx, id, ``)
		if err != nil {
			return printing{}, err
		}
		if o.State != "reported" && o.State != "approved" {
			return printing{}, ErrNoPaper.With("kind", "loss", "state", o.State)
		}
		office, err := officeName(ctx, tx, o.Place)
		if err != nil {
			return printing{}, err
		}
		p := l.newPaper(o.Region, office, "Berita Acara Kehilangan", stamp{"loss", o.ID, o.Document, o.Pieces}, o.Synthetic)
		p.Row("Laporan polisi", o.Police)
		p.Row("Hari, tanggal", day(&o.HappenedOn))
		p.Row("Barang", goods[o.Item].name)
		p.total(goods[o.Item].unit)
		p.Row("Kejadian", o.Note)
		p.Row("Dilaporkan oleh", o.ReportedBy)
		if o.State == "approved" {
			p.Row("Disetujui oleh", fmt.Sprintf("%s, %s", o.DecidedBy, papers.Date(o.DecidedAt.In(region.WIB.Location()))))
		}
		p.Signatures("Yang melaporkan", "Yang menyetujui")
		return p, nil
	})
}

// DestructionRecord is the record of cards burnt before witnesses (berita acara pemusnahan). One without witnesses yet
// has none.
func (l *Ledger) DestructionRecord(ctx context.Context, who access.Actor, id int64) ([]byte, error) {
	return l.printed(ctx, who, func(tx *sqlx.Tx) (printing, error) {
		d, err := destructionByID(ctx, tx, id)
		if err != nil {
			return printing{}, err
		}
		if d.State != "witnessed" && d.State != "done" {
			return printing{}, ErrNoPaper.With("kind", "destruction", "state", d.State, "wanted", []string{"witnessed", "done"})
		}
		office, err := officeName(ctx, tx, d.Place)
		if err != nil {
			return printing{}, err
		}
		p := l.newPaper(d.Region, office, "Berita Acara Pemusnahan", stamp{"destruction", d.ID, d.Document, d.Spoiled + d.Surrendered}, d.Synthetic)
		p.Text(fmt.Sprintf("Pada hari %s telah dimusnahkan dengan cara dibakar:", day(&d.Date)))
		p.Table([]string{"Barang", "Jumlah"}, []float64{4, 2}, [][]string{
			{goods[d.Item].name + ", " + conditionWords[Spoiled], papers.Number(d.Spoiled)},
			{goods[d.Item].name + ", " + conditionWords[Surrendered], papers.Number(d.Surrendered)}})
		p.total("keping")
		if d.Note != "" {
			p.Row("Keterangan", d.Note)
		}
		p.Heading("Saksi")
		for i, w := range d.Witnesses {
			p.Row(fmt.Sprintf("%d. %s", i+1, w.Office), w.Name)
		}
		p.Signatures("Yang memusnahkan", "Saksi 1", "Saksi 2")
		return p, nil
	})
}

// CountRecord is the record of a posted stock opname (berita acara stock opname).
func (l *Ledger) CountRecord(ctx context.Context, who access.Actor, id int64) ([]byte, error) {
	return l.printed(ctx, who, func(tx *sqlx.Tx) (printing, error) {
		c, err := countByID(ctx, tx, id)
		if err != nil {
			return printing{}, err
		}
		if c.State != "posted" {
			return printing{}, ErrNoPaper.With("kind", "count", "state", c.State, "wanted", "posted")
		}
		place, err := l.placeNamed(ctx, tx, who, c.Place, "")
		if err != nil {
			return printing{}, err
		}
		at := c.CountedAt.In(place.Zone.Location())
		p := l.newPaper(c.Region, place.Name, "Berita Acara Stock Opname", stamp{"count", c.ID, c.Document, *c.Counted}, c.Synthetic)
		p.Row("Dihitung", fmt.Sprintf("%s pukul %s %s", papers.Date(at), at.Format("15.04"), place.Zone))
		p.Row("Barang", goods[c.Item].name+", "+conditionWords[c.Condition])
		p.Table([]string{"Menurut", "Jumlah"}, []float64{4, 2}, [][]string{{"Fisik", papers.Number(*c.Counted)}, {"Buku", papers.Number(*c.Ledger)},
			{"Selisih", papers.Number(*c.Difference)}})
		p.total(goods[c.Item].unit)
		p.Row("Sebab selisih", reasonWords[c.Reason])
		if c.Note != "" {
			p.Row("Keterangan", c.Note)
		}
		p.Row("Dihitung oleh", c.CountedBy)
		p.Row("Diperiksa oleh", c.PostedBy)
		p.Signatures("Yang menghitung", "Yang memeriksa")
		return p, nil
	})
}

var reasonWords = map[string]string{"none": "tidak ada", "miscounted-before": "salah hitung sebelumnya", "not-recorded": "belum dicatat", "recorded-twice": "dicatat dua kali",
	"damaged": "rusak", "missing": "hilang", "found": "ditemukan", "other": "lain-lain"}

// printed prints one record of an office to whoever may read such.
func (l *Ledger) printed(ctx context.Context, who access.Actor, write func(tx *sqlx.Tx) (printing, error)) (pdf []byte, err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		p, err := write(tx)
		if err != nil {
			return err
		}
		pdf, err = p.finish(ctx, tx)
		return err
	})
	return pdf, err
}

func officeName(ctx context.Context, tx *sqlx.Tx, placeID int) (name string, err error) {
	err = tx.GetContext(ctx, &name, `SELECT name FROM places WHERE id = $1`, placeID)
	return name, postgres.NotFound(err, ErrPlaceUnknown.With("place", placeID))
}
