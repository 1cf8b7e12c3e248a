//! Who can do this? One action and one resource, asked of every principal there is.
//!
//! A [`Population`] holds principals by the policies they have: texts of policies once each, principals with the same
//! policies as one set. A [`Question`] is answered for sets, not for principals: what a document leaves to be asked of
//! the action and the resource is found out once a document, found by an index of actions; only sets that have such a
//! document are looked at; only what depends on the principal itself (`${aws:username}`, `aws:PrincipalArn`) is asked
//! of principals one by one.
//!
//! Keys of the request that are not known stay open. So there are three verdicts: allowed [`Verdict::Always`],
//! allowed [`Verdict::If`] conditions hold, which [`Solution::grounds`] shows, and [`Verdict::Never`]. `Always` and
//! `Never` are proved; of `If` each condition was judged by itself, so that it may still be that together they never
//! hold. A [`Refine`] decides that, such as [`Joint`].
//!
//! ```
//! use bailiwick_analysis::who_can::{Kind, Person, Population, Question, Verdict};
//! use policy::{Document, PolicyKind, PolicyLabel};
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
//!     {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
//!      "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
//! let document = Document::parse_tolerant(text).0.unwrap().into();
//!
//! let mut builder = Population::builder();
//! let account = builder.account("123456789012".parse()?, "aws");
//! let home = builder.policy(document, PolicyLabel::new(PolicyKind::Managed, "arn:aws:iam::123456789012:policy/home", "home"));
//! for name in ["Ann", "Bob"] {
//!     let arn = format!("arn:aws:iam::123456789012:user/{name}");
//!     builder.person(&Person { identity: &[home], ..Person::new(account, Kind::User, &arn) })?;
//! }
//! let population = builder.finish();
//!
//! let question = Question::new("s3:GetObject", "arn:aws:s3:::home/Ann/1.txt")?;
//! let solution = population.who_can(&question);
//! let [(ann, verdict)] = solution.people(&population).collect::<Vec<_>>()[..] else { panic!() };
//! assert_eq!((population.arn(ann), verdict), ("arn:aws:iam::123456789012:user/Ann", Verdict::If));
//!
//! let encrypted = question.with("aws:SecureTransport", "true");
//! assert_eq!(population.who_can(&encrypted).count(&population).always, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod change;
mod documents;
mod grants;
mod grounds;
mod joint;
mod people;
mod population;
mod question;
mod rcps;
mod residual;
mod scene;
mod sets;
mod single;
mod slots;
mod solve;
mod truth;

pub use documents::admits_session_tags;
pub use grounds::{Gate, Ground, Grounds, Refine, Way};
pub use joint::Joint;
pub use people::PersonId;
pub use population::{AccountNumber, Builder, Kind, Person, PolicyId, Population};
pub use question::{Question, QuestionError};
pub use solve::{Count, Solution, Verdict};
