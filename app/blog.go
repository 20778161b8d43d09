package app

import (
	"context"
	"strings"

	"lastword"
	"lastword/listen/blog"
)

// blogs is what people do to the company's own blog from the pages.
type blogs struct{ *App }

// Address is where a company's blog is read; empty where nobody reaches this server.
func (b blogs) Address(c lastword.Company, name string) string {
	base := strings.TrimSuffix(first(c.Public, b.Config.Public), "/")
	if base == "" || name == "" {
		return ""
	}
	return base + "/blog/" + name
}

// Save keeps a company's blog, with the channel through which it is published to:
// there while it is switched on, at rest while it is not.
func (b blogs) Save(ctx context.Context, by lastword.Member, c lastword.Company, set lastword.Blog) error {
	set.Company = c.ID
	address := b.Address(c, set.Name)
	if set.On || set.Channel != 0 {
		ch := lastword.Channel{ID: set.Channel, Company: c.ID, Connector: blog.Name, Name: set.Title, All: true, Paused: !set.On,
			Settings: map[string]string{blog.FieldAddress: address}}
		saved, err := b.DB.SaveChannel(ctx, by, ch)
		if err != nil {
			return err
		}
		set.Channel = saved.ID
	}
	return b.DB.SaveBlog(ctx, by, set)
}

// home is where a story can be read in the company's blog.
func (a *App) home(ctx context.Context, company int64, s lastword.Story) string {
	set, err := a.DB.Blog(ctx, company)
	if err != nil || !set.On {
		return ""
	}
	c, err := a.DB.Company(ctx, company)
	if err != nil {
		return ""
	}
	at := blogs{a}.Address(c, set.Name)
	if at == "" {
		return ""
	}
	return blog.Address(at, s.Title, s.ID)
}
