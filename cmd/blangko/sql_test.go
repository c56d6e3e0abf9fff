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

// inSQLRow reads one value behind the program's back.
func inSQLRow(url, text string, value any) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.QueryRow(text).Scan(value)
}
