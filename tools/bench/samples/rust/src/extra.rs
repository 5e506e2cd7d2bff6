/// An id for an answer.
pub fn id() -> String {
    String::from("none")
}
