package pages

// Unavailable is the page that is shown in the program's place while it is away.
type Unavailable struct {
	Title string // the register's name
	Said  []Saying
}

// Saying is what it says in one language.
type Saying struct {
	Code, Dir         string // of the language
	Heading, Sentence string
}
