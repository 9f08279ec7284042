//! The index as it is now: opened once, and anew when another commit has been written.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;

use super::ServeError;
use super::Shared;
use crate::index;
use crate::index::Identity;
use crate::index::Opened;
use crate::query::Suggestions;
use crate::schema::Schema;

/// How often the directory is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How long a commit that cannot be opened is left alone.
const LATER: Duration = Duration::from_secs(2);

/// One commit of an index, ready for many queries.
pub(super) struct Snapshot {
    pub index: Opened,
    pub suggestions: Suggestions,
    identity: Identity,
}

/// The latest commit. Requests hold the one that they began with, and the last of them frees it.
pub(super) struct Live {
    dir: PathBuf,
    current: RwLock<Arc<Snapshot>>,
}

impl Live {
    pub fn open(dir: &Path, schema: &Schema) -> Result<Live, ServeError> {
        let current = RwLock::new(Arc::new(open(dir, schema)?));
        Ok(Live { dir: dir.into(), current })
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        // No thread can leave it half written.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

fn open(dir: &Path, schema: &Schema) -> Result<Snapshot, ServeError> {
    // Before it is opened: a commit that comes meanwhile is then seen as another.
    let identity = Identity::of(dir);
    let index = index::open(dir, schema)?;
    index.expect_many();
    let suggestions = Suggestions::new(&index, schema)?;
    Ok(Snapshot { index, suggestions, identity })
}

/// Follows the index for ever. What cannot be opened leaves the last commit in place, and is tried again.
pub(super) async fn watch(shared: Arc<Shared>) {
    let dir = shared.live.dir.clone();
    loop {
        tokio::time::sleep(LOOK).await;
        if Identity::of(&dir) == shared.live.snapshot().identity {
            continue;
        }
        let (path, schema) = (dir.clone(), shared.schema);
        // A panic of the engine ends this task alone.
        match tokio::task::spawn_blocking(move || open(&path, schema)).await {
            Ok(Ok(snapshot)) => {
                shared.live.replace(snapshot);
                shared.metrics.reloads.inc();
            }
            Ok(Err(_)) | Err(_) => {
                shared.metrics.failed_reloads.inc();
                tokio::time::sleep(LATER).await;
            }
        }
    }
}
