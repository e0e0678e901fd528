//! How much is sent to the device at once, and how much may be under way.

use super::signal::Signal;
use crate::clock;
use std::collections::VecDeque;

/// How long the device should work on one submission, milliseconds: long enough that submitting costs nothing, short
/// enough that a page's other work, and the person, are not kept waiting.
const SUBMISSION_MS: f64 = 30.0;
/// Submissions under way before the next step waits: one at work, one queued.
const UNDER_WAY: usize = 2;
/// The most steps a submission may hold, whatever was measured.
const MOST_STEPS: f64 = 64.0;

/// Steps recorded, submissions under way, and how long a step takes on the device.
#[derive(Debug)]
pub struct Pacing {
    steps: u32,
    steps_per_submission: f64,
    under_way: VecDeque<Submission>,
    last_done: f64,
}

#[derive(Debug)]
struct Submission {
    steps: u32,
    at: f64,
    done: Signal<f64>,
    index: wgpu::SubmissionIndex,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { steps: 0, steps_per_submission: 1.0, under_way: VecDeque::new(), last_done: 0.0 }
    }
}

impl Pacing {
    /// A step was recorded; says whether it is time to submit.
    pub fn step(&mut self) -> bool {
        self.steps += 1;
        f64::from(self.steps) >= self.steps_per_submission
    }

    /// Everything recorded was submitted.
    pub fn submitted(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, index: &wgpu::SubmissionIndex) {
        self.collect();
        let steps = std::mem::take(&mut self.steps);
        if steps == 0 {
            return;
        }
        let done = Signal::new();
        let handle = done.handle();
        queue.on_submitted_work_done(move || handle.send(clock::now()));
        self.under_way.push_back(Submission { steps, at: clock::now(), done, index: index.clone() });
        // Natively callbacks run only inside a poll; in a page this does nothing.
        device.poll(wgpu::PollType::Poll).ok();
    }

    /// What to wait for before more is recorded, if too much is under way.
    pub fn too_much(&mut self) -> Option<(Signal<f64>, wgpu::SubmissionIndex)> {
        self.collect();
        let oldest = self.under_way.front().filter(|_| self.under_way.len() > UNDER_WAY)?;
        Some((oldest.done.handle(), oldest.index.clone()))
    }

    /// Learns from the submissions that are done: of several that were found done by one poll, from all together, for when each
    /// of them was is not known.
    fn collect(&mut self) {
        let (mut steps, mut since) = (0, None);
        while let Some(moment) = self.under_way.front().and_then(|s| s.done.value()) {
            let oldest = self.under_way.pop_front().expect("looked at just now");
            // A device that was busy began with this submission when it was done with the one before.
            let began = *since.get_or_insert(oldest.at.max(self.last_done));
            steps += oldest.steps;
            let milliseconds = (moment - began).max(0.1) / f64::from(steps);
            self.steps_per_submission = (SUBMISSION_MS / milliseconds).clamp(1.0, MOST_STEPS);
            self.last_done = moment;
        }
    }
}
