//! Person-months and cells name their bureau and unit without a reference on PostgreSQL, which looked each one up, row by row, in an eighth of the
//! time of a month. Both are made by statements from postings, which have the references, and no bureau or unit is ever deleted. SQLite, which
//! cannot drop a reference but by writing the table anew, keeps them.

use crate::ddl;
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

const UP: &str = r"
ALTER TABLE measure_cell DROP CONSTRAINT measure_cell_bureau_id_fkey;
ALTER TABLE measure_cell DROP CONSTRAINT measure_cell_unit_id_fkey;
ALTER TABLE person_month DROP CONSTRAINT person_month_bureau_id_fkey;
ALTER TABLE person_month DROP CONSTRAINT person_month_unit_id_fkey
";

const DOWN: &str = r"
ALTER TABLE person_month ADD CONSTRAINT person_month_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit (id);
ALTER TABLE person_month ADD CONSTRAINT person_month_bureau_id_fkey FOREIGN KEY (bureau_id) REFERENCES bureau (id);
ALTER TABLE measure_cell ADD CONSTRAINT measure_cell_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit (id);
ALTER TABLE measure_cell ADD CONSTRAINT measure_cell_bureau_id_fkey FOREIGN KEY (bureau_id) REFERENCES bureau (id)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres { ddl(manager, UP).await } else { Ok(()) }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres { ddl(manager, DOWN).await } else { Ok(()) }
    }
}
