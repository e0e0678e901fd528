//! Waiting for the device, natively and in a page.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A value that a callback will hand over once, and that stays to be looked at.
#[derive(Debug)]
pub struct Signal<T>(Arc<Mutex<Slot<T>>>);

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    waiting: Option<Waker>,
}

impl<T: Copy> Signal<T> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Slot { value: None, waiting: None })))
    }

    /// Another handle, for the callback.
    pub fn handle(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Hands `value` over.
    pub fn send(&self, value: T) {
        let waiting = {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            slot.value = Some(value);
            slot.waiting.take()
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    /// The value, if it is there.
    pub fn value(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).value
    }
}

impl<T: Copy> Future for &Signal<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = slot.value {
            return Poll::Ready(value);
        }
        slot.waiting = Some(context.waker().clone());
        Poll::Pending
    }
}
