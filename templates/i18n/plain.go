package i18n

import (
	"encoding/json"
	"sync"
)

// Plain is an English message that has neither placeholders nor plural forms, empty where there is none of that key. It does
// not read the other catalogues: an export has use for some words of the dictionary and a bound on its memory.
func Plain(key string) string { return plain()[key] }

var plain = sync.OnceValue(func() map[string]string {
	b, err := files.ReadFile(reference + ".json")
	if err != nil {
		panic("i18n: " + err.Error())
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		panic("i18n: " + err.Error())
	}
	words := make(map[string]string, len(all))
	for key, m := range all {
		if s, ok := m.(string); ok {
			words[key] = s
		}
	}
	return words
})
