//! The index as it is now: opened once, and anew when another commit has been written.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use super::ServeError;
use super::Shared;
use crate::backend::Backend;
use crate::cluster;
use crate::cluster::Cluster;
use crate::index;
use crate::index::Identity;
use crate::query::Suggestions;
use crate::schema::Schema;

/// How often the directory is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How long a commit that cannot be opened is left alone.
const LATER: Duration = Duration::from_secs(2);

/// Where the index is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a directory.
    Directory(PathBuf),
    /// On a cluster.
    Cluster(cluster::Settings),
}

/// One commit of an index, ready for many queries.
pub(super) struct Snapshot {
    pub index: Backend,
    pub suggestions: Suggestions,
    /// A cluster has none: it answers from its latest state by itself.
    identity: Option<Identity>,
}

/// The latest commit. Requests hold the one that they began with, and the last of them frees it.
pub(super) struct Live {
    place: Place,
    current: RwLock<Arc<Snapshot>>,
}

impl Live {
    pub fn open(place: &Place, schema: &Schema) -> Result<Live, ServeError> {
        let current = RwLock::new(Arc::new(open(place, schema)?));
        Ok(Live { place: place.clone(), current })
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        // No thread can leave it half written.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells whether another commit has been written.
    fn is_behind(&self) -> bool {
        match &self.place {
            Place::Directory(dir) => Some(Identity::of(dir)) != self.snapshot().identity,
            Place::Cluster(_) => false,
        }
    }

    /// Opens the latest commit, if it is another; returns whether it was. What cannot be opened leaves the last one
    /// in place.
    pub fn follow(&self, schema: &Schema) -> Result<bool, ServeError> {
        if !self.is_behind() {
            return Ok(false);
        }
        let opened = Arc::new(open(&self.place, schema)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(true)
    }
}

fn open(place: &Place, schema: &Schema) -> Result<Snapshot, ServeError> {
    match place {
        Place::Directory(dir) => open_directory(dir, schema),
        Place::Cluster(settings) => {
            let index = Backend::Cluster(Box::new(Cluster::open(settings, schema)?));
            Ok(Snapshot { index, suggestions: Suggestions::default(), identity: None })
        }
    }
}

fn open_directory(dir: &Path, schema: &Schema) -> Result<Snapshot, ServeError> {
    // Before it is opened: a commit that comes meanwhile is then seen as another.
    let identity = Identity::of(dir);
    // A server answers often and long: it looks at every byte once, in the background of what it answers already.
    let index = index::open_whole(dir, schema)?;
    index.expect_many(schema);
    let suggestions = Suggestions::new(&index, schema)?;
    let index = Backend::Embedded(Box::new(index));
    Ok(Snapshot { index, suggestions, identity: Some(identity) })
}

/// Follows the index for ever.
pub(super) async fn watch(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !shared.live.is_behind() {
            continue;
        }
        let here = Arc::clone(&shared);
        // Beside the requests, which are answered from the last commit meanwhile; a panic of the engine ends this alone.
        match tokio::task::spawn_blocking(move || here.live.follow(here.schema)).await {
            Ok(Ok(_)) => {
                shared.metrics.reloads.inc();
            }
            Ok(Err(_)) | Err(_) => {
                shared.metrics.failed_reloads.inc();
                tokio::time::sleep(LATER).await;
            }
        }
    }
}
