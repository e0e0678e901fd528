//! README.md has the core's table of settings. `FF_WRITE=1 cargo test --test readme` writes it anew.
#![cfg(not(target_arch = "wasm32"))]

use forward_forward::model::table::{Setting, TABLE};
use forward_forward::model::{RECIPES, RecipeEntry};
use std::fmt::Write;

const BEGIN: &str =
    "<!-- The settings, as src/model/settings.rs has them: `FF_WRITE=1 cargo test --test readme` writes them. -->\n";
const END: &str = "<!-- The end of the settings. -->\n";

fn names<'a>(recipes: impl Iterator<Item = &'a RecipeEntry>) -> String {
    recipes.map(|recipe| format!("`{}`", recipe.word())).collect::<Vec<_>>().join(", ")
}

/// The default, and which recipes have another one.
fn default(setting: &Setting, recipes: &[&RecipeEntry]) -> String {
    let mut by_value: Vec<(String, Vec<&RecipeEntry>)> = vec![];
    for recipe in recipes {
        let text = match recipe.recommended().text(setting.name) {
            text if text.is_empty() => "none".to_owned(),
            text => format!("`{text}`"),
        };
        match by_value.iter_mut().find(|(value, _)| *value == text) {
            Some((_, same)) => same.push(recipe),
            None => by_value.push((text, vec![recipe])),
        }
    }
    let ((first, _), others) = by_value.split_first().expect("a recipe has it");
    others
        .iter()
        .fold(first.clone(), |text, (value, recipes)| format!("{text}; {}: {value}", names(recipes.iter().copied())))
}

fn table() -> String {
    let mut text = "\n| name | what it is | values | default | recipes |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for setting in TABLE {
        let recipes: Vec<&RecipeEntry> = RECIPES.iter().filter(|recipe| (setting.applies)(recipe)).collect();
        let of = if recipes.len() == RECIPES.len() { "all".to_owned() } else { names(recipes.iter().copied()) };
        let default = if setting.name == "recipe" {
            "`supervised`; in colour `local-min`".to_owned()
        } else {
            default(setting, &recipes)
        };
        let (name, help, values) = (setting.name, setting.help, setting.values());
        writeln!(text, "| `{name}` | {help} | {values} | {default} | {of} |").expect("a string has room");
    }
    text + "\n"
}

#[test]
fn readme_has_the_table_of_settings() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("where the table begins");
    let (written, after) = rest.split_once(END).expect("where the table ends");
    let table = table();
    if std::env::var("FF_WRITE").is_ok_and(|write| write == "1") {
        return std::fs::write(file, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    }
    assert!(written == table, "README.md is behind the table of settings: FF_WRITE=1 cargo test --test readme");
}
