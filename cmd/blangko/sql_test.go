package main

import "database/sql"

// inSQL runs a statement behind the program's back.
func inSQL(url, text string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(text)
	return err
}
