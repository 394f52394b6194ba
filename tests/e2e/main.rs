//! The platform from outside: real HTTP, real databases. One module for each noun or concern.

mod database;
