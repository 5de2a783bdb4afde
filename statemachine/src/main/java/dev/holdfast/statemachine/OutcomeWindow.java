package dev.holdfast.statemachine;

import dev.holdfast.protocol.Outcome;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of one session's commands that its client has not acknowledged, by sequence. Sequences are dense, so
 * this is a ring: its length is a power of two, and the slot of a sequence is the sequence modulo that length. Clients
 * choose the sequences, up to the greatest long, so no loop may step beyond the highest.
 */
final class OutcomeWindow {
    private static final @Nullable Outcome[] NONE = new Outcome[0];

    private @Nullable Outcome[] ring = NONE;
    private long acknowledged;
    private long highest;

    OutcomeWindow(long acknowledged) {
        this.acknowledged = acknowledged;
        this.highest = acknowledged;
    }

    /** Every sequence up to this one is done with. */
    long acknowledged() {
        return acknowledged;
    }

    /** The highest sequence that has, or had, an outcome. */
    long highest() {
        return highest;
    }

    @Nullable
    Outcome get(long sequence) {
        return sequence <= acknowledged || sequence > highest ? null : ring[slot(sequence)];
    }

    /** The caller has bounded {@code sequence - acknowledged()}. */
    void put(long sequence, Outcome outcome) {
        int needed = (int) (sequence - acknowledged);
        if (needed > ring.length) {
            grow(needed);
        }
        ring[slot(sequence)] = outcome;
        highest = Math.max(highest, sequence);
    }

    /** Forgets the outcomes up to that sequence and passes each to {@code forgotten}. */
    void acknowledge(long upTo, BiConsumer<Long, Outcome> forgotten) {
        if (upTo <= acknowledged) {
            return;
        }
        long last = Math.min(upTo, highest);
        for (long before = acknowledged; before < last; before++) {
            long sequence = before + 1;
            Outcome outcome = ring[slot(sequence)];
            if (outcome != null) {
                ring[slot(sequence)] = null;
                forgotten.accept(sequence, outcome);
            }
        }
        acknowledged = upTo;
        highest = Math.max(highest, upTo);
        if (highest == acknowledged && ring.length > 64) {
            ring = NONE;
        }
    }

    /** Calls {@code consumer} for each outcome, in sequence order. */
    void forEach(BiConsumer<Long, Outcome> consumer) {
        for (long before = acknowledged; before < highest; before++) {
            long sequence = before + 1;
            Outcome outcome = ring[slot(sequence)];
            if (outcome != null) {
                consumer.accept(sequence, outcome);
            }
        }
    }

    private int slot(long sequence) {
        return (int) (sequence & (ring.length - 1));
    }

    private void grow(int needed) {
        @Nullable Outcome[] old = ring;
        int length = Integer.highestOneBit(Math.max(4, needed) * 2 - 1);
        @Nullable Outcome[] larger = Arrays.copyOf(NONE, length);
        for (long sequence = acknowledged + 1; sequence <= highest && old.length > 0; sequence++) {
            larger[(int) (sequence & (length - 1))] = old[(int) (sequence & (old.length - 1))];
        }
        ring = larger;
    }
}
