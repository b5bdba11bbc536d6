package damage

import "context"

// Develop makes a picture anew for another part of the house that keeps one:
// no larger than a screen, and without what cameras write beside it. A picture
// that is none is a fault on the field photo. Two are worked on at once.
func Develop(ctx context.Context, raw []byte) (fresh []byte, width, height int, err error) {
	select {
	case darkroom <- struct{}{}:
	case <-ctx.Done():
		return nil, 0, 0, ctx.Err()
	}
	fresh, size, err := developed(raw)
	<-darkroom
	return fresh, size.X, size.Y, err
}
