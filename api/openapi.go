package api

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// OpenAPI is the description of the API as YAML; api/openapi.yaml holds it, and a test keeps that file true.
func OpenAPI() ([]byte, error) {
	gin.SetMode(gin.ReleaseMode)
	s := &Server{}
	s.api = humagin.New(gin.New(), openAPIConfig("1"))
	for _, r := range routes() {
		r.register(s, s.api, r)
	}
	return s.api.OpenAPI().YAML()
}

func openAPIConfig(version string) huma.Config {
	config := huma.DefaultConfig("blangko", version)
	config.Info.Description = "Identity-card blanks of Indonesia's civil registration: stock, requests, shipments, coverage, forecasts and outreach. " +
		"Counts only: no NIK and no resident's name is ever taken in. Regions go by their official code."
	config.DocsPath = ""
	config.SchemasPath = ""
	config.CreateHooks = nil
	config.RejectUnknownQueryParameters = true
	describeCounts(config.Components.Schemas)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "set by POST /api/v1/session"},
		"token":   {Type: "http", Scheme: "bearer", Description: "made by `blangko token add`"},
	}
	return config
}
