package api

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

func get(t *testing.T, api *API, path string) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder.Code, strings.TrimSpace(recorder.Body.String())
}

func TestHealthIsOkUntilDrained(t *testing.T) {
	api := New()
	if code, body := get(t, api, "/healthz"); code != http.StatusOK || body != `{"status":"ok"}` {
		t.Errorf("before: %d %s", code, body)
	}
	api.Drain()
	if code, _ := get(t, api, "/healthz"); code != http.StatusServiceUnavailable {
		t.Errorf("while draining: %d", code)
	}
}

func TestVersionNamesThePlatform(t *testing.T) {
	code, body := get(t, New(), "/version")
	platform := `"platform":"` + runtime.GOOS + "/" + runtime.GOARCH + `"`
	if code != http.StatusOK || !strings.Contains(body, platform) {
		t.Errorf("%d %s", code, body)
	}
}

func TestGreetUsesTheName(t *testing.T) {
	if _, body := get(t, New(), "/greet/Ada"); body != `{"greeting":"Hello, Ada!"}` {
		t.Error(body)
	}
}

func TestUnknownPathIsNotFound(t *testing.T) {
	if code, _ := get(t, New(), "/nothing"); code != http.StatusNotFound {
		t.Error(code)
	}
}
