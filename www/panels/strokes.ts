/**
 * A pointer that draws, told apart from all that pointers do besides. Browsers differ in what they tell: of the moves in between
 * only on pages with https, and of a button that comes up over a menu or in another window not at all.
 */
import type { Attachment } from 'svelte/attachments';

/** One event's part of a stroke. */
export interface Touch {
  event: PointerEvent;
  /** With the other end of a pen. */
  erases: boolean;
}

export interface Hand {
  begin: (touch: Touch) => void;
  move: (touches: Touch[]) => void;
  /** The stroke was no stroke: its one touch has opened a menu, or it was a palm's. */
  drop?: () => void;
}

/** Buttons as `event.buttons` counts them: the first one, a finger or a pen's tip; and a pen's eraser. */
const [TIP, ERASER] = [1, 32];

/** Every place that the pointer was at since the last event, the event's own at the end. */
function placesOf(event: PointerEvent): PointerEvent[] {
  // Browsers leave it out, where the page is not on https or they are older; some have it and say nothing.
  const between = (event as Partial<PointerEvent>).getCoalescedEvents?.() ?? [];
  const last = between.at(-1);
  return last?.clientX === event.clientX && last.clientY === event.clientY ? between : [...between, event];
}

/** Has `hand` draw with the first pointer that comes down; others (a palm, a second finger) are passed over. */
export const draws =
  (hand: Hand): Attachment<HTMLElement> =>
  (surface) => {
    let drawing: { id: number; type: string; button: number; moved: boolean } | undefined;

    function down(event: PointerEvent): void {
      const { pointerId: id, pointerType: type, isPrimary } = event;
      // There is one first pointer of a kind: if it comes down again, nobody has said that it was lifted.
      const again = drawing?.id === id || (isPrimary && drawing?.type === type);
      // The finger that is there already was the palm of the hand with the pen.
      const palm = drawing?.type === 'touch' && type === 'pen';
      if (drawing && !again && !palm) return;
      const erases = event.button === 5 || (event.buttons & ERASER) > 0;
      if (!erases && event.button !== 0) return;
      if (palm) hand.drop?.();
      drawing = { id, type, button: erases ? ERASER : TIP, moved: false };
      try {
        surface.setPointerCapture(id);
      } catch {
        // The pointer is gone already, or was never one; what is drawn over the edge is lost.
      }
      hand.begin({ event, erases });
    }

    function move(event: PointerEvent): void {
      if (event.pointerId !== drawing?.id) return;
      if (!(event.buttons & drawing.button)) return end();
      drawing.moved = true;
      const erases = drawing.button === ERASER;
      hand.move(placesOf(event).map((place) => ({ event: place, erases })));
    }

    function end(): void {
      drawing = undefined;
    }

    function ends(event: PointerEvent): void {
      if (event.pointerId === drawing?.id) end();
    }

    /** A finger or pen that rests draws on; with a mouse (on a Mac with Ctrl) the menu was meant, and takes the rest of its events. */
    function menu(event: MouseEvent): void {
      if (!drawing) return;
      if (drawing.type !== 'mouse') return event.preventDefault();
      if (!drawing.moved && drawing.button === TIP) hand.drop?.();
      end();
    }

    const heard = {
      pointerdown: down,
      pointermove: move,
      pointerup: ends,
      pointercancel: ends,
      lostpointercapture: ends,
    };
    for (const [name, listener] of Object.entries(heard)) surface.addEventListener(name, listener as EventListener);
    surface.addEventListener('contextmenu', menu);
    return () => {
      for (const [name, listener] of Object.entries(heard))
        surface.removeEventListener(name, listener as EventListener);
      surface.removeEventListener('contextmenu', menu);
    };
  };
