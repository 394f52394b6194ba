//! A subscription to new overtime outliers. No snapshot is sent: `overtimeOutliers` lists what there is.

use crate::graphql::{connection::store, overtime_outlier::OvertimeOutlier};
use crate::{
    error::Error,
    store::outlier_feed::{News, Place},
};
use async_graphql::{Context, Object, Result, Subscription};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{Stream, TryStreamExt};

/// Outliers that were raised.
pub struct OvertimeOutliersUpdate {
    place: Place,
    outliers: Vec<OvertimeOutlier>,
}

/// One message of the subscription: outliers that runs raised since the message before.
#[Object]
impl OvertimeOutliersUpdate {
    /// Where the subscription stands. Give it as `after` to go on behind this message.
    async fn cursor(&self) -> String {
        // An instant and an id always have a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.place).unwrap_or_default())
    }

    /// The outliers, those raised first first; none in the first message, which only says where the subscription begins.
    async fn outliers(&self) -> &[OvertimeOutlier] {
        &self.outliers
    }
}

impl From<News> for OvertimeOutliersUpdate {
    fn from(news: News) -> Self {
        Self { place: news.place, outliers: news.flags.into_iter().map(OvertimeOutlier::from).collect() }
    }
}

/// Subscriptions to outliers.
#[derive(Default)]
pub struct OutlierSubscription;

#[Subscription]
impl OutlierSubscription {
    /// Overtime outliers that you may see, each once, when the run that raised them is over.
    async fn overtime_outliers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on behind the message with this cursor: what was raised since is told first.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OvertimeOutliersUpdate, Error>>> {
        let after = after.map(|cursor| place(&cursor)).transpose()?;
        Ok(store(ctx).follow_outliers(after).await?.map_ok(OvertimeOutliersUpdate::from))
    }
}

fn place(cursor: &str) -> Result<Place, Error> {
    let place = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| Error::input("after", "続きの位置が正しくありません。", "This is no cursor of this subscription."))
}
