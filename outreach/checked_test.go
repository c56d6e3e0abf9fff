package outreach_test

import (
	"slices"
	"testing"

	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/outreach"
)

// What is odd about a site is raised until a person says that it is right, and again when the site gets another point.
func TestWhatWasCheckedIsRaisedNoMore(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	here := func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.37), at(0.79) }
	first := b.village(t, "Kelurahan Soa", 0, here)
	second := b.village(t, "Kelurahan Soa", 0, here)
	pairs := func() int {
		return len(must[postgres.Page[outreach.Duplicate]](t)(b.desk.Duplicates(ctx, field, "82.71")).Items)
	}
	if !slices.Contains(second.Flags, outreach.NearDuplicate) || pairs() != 1 {
		t.Fatalf("flags %v, %d pairs", second.Flags, pairs())
	}
	_, err := b.desk.CheckSite(ctx, field, second.ID, second.Version, []string{outreach.NearDuplicate, outreach.NoHeads})
	wantFault(t, "no heads cannot be right", err, fault.ErrInvalid)
	_, err = b.desk.CheckSite(ctx, field, second.ID, second.Version+1, nil)
	wantFault(t, "another version", err, postgres.ErrStale)
	checked := must[outreach.Site](t)(b.desk.CheckSite(ctx, field, second.ID, second.Version, []string{outreach.NearDuplicate}))
	if !slices.Equal(checked.Flags, []string{outreach.NoHeads}) || !slices.Equal(checked.Checked, []string{outreach.NearDuplicate}) || pairs() != 0 {
		t.Errorf("checked: %v, raised: %v, %d pairs", checked.Checked, checked.Flags, pairs())
	}
	if flagged := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Flag: outreach.NearDuplicate})).Items; len(flagged) != 0 {
		t.Errorf("still listed: %+v", flagged)
	}
	again := must[outreach.Site](t)(b.desk.CheckSite(ctx, field, second.ID, checked.Version, nil))
	if !slices.Contains(again.Flags, outreach.NearDuplicate) || pairs() != 1 {
		t.Errorf("taken back: %v", again.Flags)
	}
	again = must[outreach.Site](t)(b.desk.CheckSite(ctx, field, second.ID, again.Version, []string{outreach.NearDuplicate}))
	same := outreach.NewSite{Region: "82.71", Kind: "village", Name: second.Name, Lon: second.Lon, Lat: second.Lat, Note: "kantor baru"}
	again = must[outreach.Site](t)(b.desk.ChangeSite(ctx, field, second.ID, again.Version, same))
	if slices.Contains(again.Flags, outreach.NearDuplicate) {
		t.Errorf("with another note: %v", again.Flags)
	}
	moved := *first.Lat + 0.001
	same.Lat = &moved
	again = must[outreach.Site](t)(b.desk.ChangeSite(ctx, field, second.ID, again.Version, same))
	if !slices.Contains(again.Flags, outreach.NearDuplicate) || len(again.Checked) != 0 {
		t.Errorf("with another point: raised %v, checked %v", again.Flags, again.Checked)
	}
}
