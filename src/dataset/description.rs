//! What a data set is: its title, the shape of its pictures and the names of its classes.

use super::Shape;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The most classes a data set may have.
pub const MOST_CLASSES: usize = 64;

/// The most characters of a title or of a class's name.
const MOST_CHARACTERS: usize = 60;

/// The title, the shape and the class names of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Description {
    title: String,
    shape: Shape,
    classes: Vec<String>,
}

/// A description as it is read, before it is checked.
#[derive(Deserialize)]
struct Unchecked {
    title: String,
    shape: Shape,
    classes: Vec<String>,
}

impl TryFrom<Unchecked> for Description {
    type Error = Error;

    fn try_from(Unchecked { title, shape, classes }: Unchecked) -> Result<Self> {
        if Shape::find(|known| known == shape).is_none() {
            let Shape { height, width, channels } = shape;
            let problem = format!("has pictures of {height}×{width}×{channels} values; expected 28×28×1 or 32×32×3");
            return Err(Error::data(title, problem));
        }
        Self::new(&title, shape, classes)
    }
}

impl Description {
    /// Describes a data set.
    ///
    /// # Errors
    /// [`Error::Data`] if there are too few or too many classes, or two of one name, or a name that is empty or too long.
    pub fn new(title: &str, shape: Shape, classes: Vec<String>) -> Result<Self> {
        let tidy = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = tidy(title);
        let classes: Vec<String> = classes.iter().map(|name| tidy(name)).collect();
        let title = if title.is_empty() { "your data".to_owned() } else { title };
        class_count(&title, classes.len())?;
        for (index, name) in classes.iter().enumerate() {
            let problem = if name.is_empty() {
                format!("has no name for class {index}; name each class")
            } else if name.chars().count() > MOST_CHARACTERS {
                format!("has a name of more than {MOST_CHARACTERS} characters for class {index}; choose a shorter one")
            } else if let Some(earlier) = classes[..index].iter().position(|earlier| earlier == name) {
                format!("calls both class {earlier} and class {index} \"{name}\"; give each class a name of its own")
            } else {
                continue;
            };
            return Err(Error::data(title, problem));
        }
        let title = title.chars().take(MOST_CHARACTERS).collect();
        Ok(Self { title, shape, classes })
    }

    /// Describes a data set of the list of sources.
    pub(super) fn known(title: &str, shape: Shape, classes: &[&str]) -> Self {
        Self { title: title.to_owned(), shape, classes: classes.iter().map(|&name| name.to_owned()).collect() }
    }

    /// The name a person reads, such as MNIST.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The shape of each picture.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The name of each class, in the order of the labels.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }
}

/// Refuses a number of classes that no network here can learn.
///
/// # Errors
/// [`Error::Data`] about the data set `title`.
pub fn class_count(title: &str, count: usize) -> Result<()> {
    let problem = match count {
        0 => "has no classes; give at least two".to_owned(),
        1 => "has only one class, so there is nothing to tell apart; give at least two".to_owned(),
        2..=MOST_CLASSES => return Ok(()),
        _ => format!("has {count} classes; give at most {MOST_CLASSES}"),
    };
    Err(Error::data(title, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(classes: &[&str]) -> Result<Description> {
        Description::new("pets", Shape::MNIST, classes.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn what_is_no_description_is_refused_in_a_sentence() {
        let says = |classes: &[&str]| described(classes).unwrap_err().to_string();
        assert!(says(&["cat"]).starts_with("pets: has only one class"));
        let many: Vec<String> = (0..=MOST_CLASSES).map(|i| i.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(says(&many), "pets: has 65 classes; give at most 64");
        assert!(described(&many[1..]).is_ok());
        assert!(says(&["cat", "dog", "cat "]).starts_with("pets: calls both class 0 and class 2 \"cat\""));
        assert!(says(&["cat", " "]).starts_with("pets: has no name for class 1"));
        assert!(says(&["cat", &"o".repeat(61)]).contains("more than 60 characters for class 1"));
    }

    #[test]
    fn a_stored_description_is_checked_again() {
        let pets = described(&["cat", "dog"]).unwrap();
        let text = serde_json::to_string(&pets).unwrap();
        assert_eq!(serde_json::from_str::<Description>(&text).unwrap(), pets);
        let odd = text.replace("\"width\":28", "\"width\":27");
        assert!(serde_json::from_str::<Description>(&odd).unwrap_err().to_string().contains("28×27×1"));
        assert!(serde_json::from_str::<Description>(&text.replace("dog", "cat")).is_err());
    }
}
