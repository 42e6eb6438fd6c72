package export

// SmallPieces has files handed on in pieces of so many bytes, and parts made so many pieces ahead, until it is undone: with them a
// small register has what a large one has with those it is served with.
func SmallPieces(size, ahead int) (undo func()) {
	sizeBefore, aheadBefore := pieceSize, piecesAhead
	pieceSize, piecesAhead = size, ahead
	return func() { pieceSize, piecesAhead = sizeBefore, aheadBefore }
}
