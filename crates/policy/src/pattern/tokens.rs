//! What a pattern accepts, written as a sequence of tokens: for those who reason about all texts at once.

use super::arn::{ArnPattern, Part, ResourcePattern};
use super::{Glob, Piece};

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Token {
    /// This character.
    Letter(char),
    /// This character (in lower case), whatever its case.
    AnyCase(char),
    /// Any one character; a colon only if `colon`.
    One {
        /// Whether it may be a colon.
        colon: bool,
    },
    /// Any number of characters; colons among them only if `colon`.
    Star {
        /// Whether colons may be among them.
        colon: bool,
    },
    /// What a policy variable stands for; if that is nothing, the whole pattern accepts nothing.
    Variable {
        /// The condition key, in lower case.
        key: Box<str>,
        /// What it stands for where the key is absent.
        default: Option<Box<str>>,
    },
}

impl Glob {
    /// Appends the tokens of the pattern. Without `colon`, wildcards stay within a part of an ARN.
    pub(crate) fn append_tokens(&self, colon: bool, tokens: &mut Vec<Token>) {
        let mut letters = |text: &str| tokens.extend(text.chars().map(Token::Letter));
        match self {
            Glob::Any => tokens.push(Token::Star { colon }),
            Glob::Exact(text) => letters(text),
            Glob::Prefix(text) => {
                letters(text);
                tokens.push(Token::Star { colon });
            }
            Glob::Chunks(chunks) => {
                for (place, chunk) in chunks.iter().enumerate() {
                    if place > 0 {
                        tokens.push(Token::Star { colon });
                    }
                    chunk.pieces.iter().for_each(|piece| piece.append_tokens(colon, tokens));
                }
            }
        }
    }
}

impl Piece {
    fn append_tokens(&self, colon: bool, tokens: &mut Vec<Token>) {
        match self {
            Piece::Literal(text) => tokens.extend(text.chars().map(Token::Letter)),
            Piece::One => tokens.push(Token::One { colon }),
            Piece::Variable(variable) => tokens
                .push(Token::Variable { key: variable.key.name().into(), default: variable.default.clone() }),
        }
    }
}

impl ResourcePattern {
    /// The tokens of what the pattern accepts among ARNs; `None` if it accepts none.
    pub(crate) fn tokens(&self) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        match self {
            ResourcePattern::Any => {
                "arn:".chars().for_each(|letter| tokens.push(Token::Letter(letter)));
                for _ in 0..4 {
                    tokens.extend([Token::Star { colon: false }, Token::Letter(':')]);
                }
                tokens.push(Token::Star { colon: true });
            }
            ResourcePattern::Whole(glob) => glob.append_tokens(true, &mut tokens),
            ResourcePattern::Parts { head, rest } => append_parts(&**head, rest, &mut tokens),
            ResourcePattern::Never => return None,
        }
        Some(tokens)
    }
}

fn append_parts(head: &[Part], rest: &Glob, tokens: &mut Vec<Token>) {
    tokens.extend("arn:".chars().map(Token::Letter));
    for part in head {
        part.glob().append_tokens(false, tokens);
        if part.crosses()
            && let Some(Token::Star { colon }) = tokens.last_mut()
        {
            *colon = true;
        }
        tokens.push(Token::Letter(':'));
    }
    rest.append_tokens(true, tokens);
}

impl ArnPattern {
    /// The tokens of what the pattern accepts; `None` if nothing.
    pub(crate) fn tokens(&self) -> Option<Vec<Token>> {
        match self {
            ArnPattern::Any => ResourcePattern::Any.tokens(),
            ArnPattern::Never => None,
            ArnPattern::Parts(parts) => {
                let mut tokens: Vec<Token> = "arn".chars().map(Token::Letter).collect();
                for (place, glob) in parts.iter().enumerate() {
                    tokens.push(Token::Letter(':'));
                    glob.append_tokens(place == 4, &mut tokens);
                }
                Some(tokens)
            }
        }
    }
}
