package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"blangko/outreach"
)

// hiddenCount describes a number of people that may be hidden from who asks.
type hiddenCount struct{}

// Schema is what the description of the API says of it.
func (hiddenCount) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "a number of people; {\"below\": 5} for a small number of vulnerable people, shown to their own office alone",
		OneOf: []*huma.Schema{
			{Type: huma.TypeInteger, Format: "int64"},
			{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"below": {Type: huma.TypeInteger}}, Required: []string{"below"}},
		},
	}
}

// describeCounts tells the registry how counts that may be hidden are written.
func describeCounts(r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[outreach.Count](), reflect.TypeFor[hiddenCount]())
}
