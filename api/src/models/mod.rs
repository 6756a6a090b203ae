//! Rows as the database holds them and values that are valid by construction (`EmailAddress`, `Title`). Nothing here knows HTTP or JSON:
//! the wire types live beside their front door, in `controllers/`. A new entity gets a file of its own here.

mod bounds;
mod enums;
mod fields;
mod ids;
mod page;
mod post;
mod precondition;
mod text;
mod timestamp;
mod total;
mod user;

pub use bounds::Bounds;
pub use fields::{Column, FieldSet, Part};
pub use ids::{PostId, UserId};
pub use page::{
    KeyValue, Listed, Order, Page, Slice, SortField, SortKey, Sortable, Start, total_order,
};
pub use post::{
    NewPost, Post, PostChanges, PostColumn, PostField, PostFilter, PostPart, PostStatus,
};
pub use precondition::Precondition;
pub use text::{Body, EmailAddress, Name, Title};
pub use timestamp::Timestamp;
pub use total::{Count, Total};
pub use user::{NewUser, Role, User, UserChanges, UserColumn, UserField, UserFilter, UserPart};
