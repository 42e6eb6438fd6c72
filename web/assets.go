package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"
)

//go:embed assets
var assetFiles embed.FS

// assets are the style, script and icon, each under an address that holds a hash of its content and so never changes.
type assets struct {
	byPath map[string]asset  // by address
	byName map[string]string // address by file name
	build  string            // hash over all of them and the program: pages change with either
}

type asset struct {
	content, packed []byte // as it is, and in gzip
	contentType     string
}

func loadAssets() (*assets, error) {
	a := &assets{byPath: map[string]asset{}, byName: map[string]string{}}
	all := sha256.New()
	if exe, err := os.Executable(); err == nil {
		if f, err := os.Open(exe); err == nil { // #nosec G304 -- the program itself
			io.Copy(all, f)
			f.Close()
		}
	}
	err := fs.WalkDir(assetFiles, "assets", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := assetFiles.ReadFile(p)
		if err != nil {
			return err
		}
		all.Write(b)
		sum := sha256.Sum256(b)
		ext := path.Ext(p)
		name := path.Base(p)
		address := "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.byName[name] = address
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(b); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		a.byPath[address] = asset{b, packed.Bytes(), mime.TypeByExtension(ext)}
		return nil
	})
	a.build = hex.EncodeToString(all.Sum(nil)[:4])
	return a, err
}

func (s *Server) asset(c echo.Context) error {
	a, ok := s.assets.byPath[c.Request().URL.Path]
	if !ok {
		return unknown("error.page_unknown")
	}
	h := c.Response().Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", immutable)
	h.Set("Vary", "Accept-Encoding")
	content := a.content
	if acceptsGzip(c.Request().Header) {
		content = a.packed
		h.Set("Content-Encoding", gzipped)
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(content)
	return err
}
