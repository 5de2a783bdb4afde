package dev.holdfast.node.leader;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What happened of late to the lockables of a group, all of them together: as much as fits into so much memory. When that is full, the
 * oldest gives way. Every peer keeps one, filled from what it applies, so that whoever leads next knows the past too. It is no part of
 * the replicated state: a peer that begins with a snapshot does not know what was before, and says so.
 *
 * <p>Changes are written one behind the other into pieces of memory, each of which is used again when the oldest changes are in it: so
 * nothing stays behind for the garbage collector, whatever the changes name. Each leads to the one before it in its bucket, by the hash
 * of the lockable; a way that leads to memory that was used again ends there. So to add a change takes the time to copy its names, and to
 * look one lockable up takes time in proportion to what is known of it, and of the others in its bucket.
 *
 * <p>Thread-safe. The applying thread adds, and waits for a reader for no longer than a turn takes.
 *
 * <p>See {@code docs/adr/022-every-peer-remembers-what-happened.md}.
 */
final class History {
    /** Of a replica for which nobody says. */
    static final int BYTES_DEFAULT = 1 << 20;

    static final int PIECE_BYTES = 1 << 16;

    private static final int PIECE_CHARS_LOG2 = 15;
    private static final int PIECE_CHARS = PIECE_BYTES / Character.BYTES;
    private static final int OFFSET_MASK = PIECE_CHARS - 1;
    private static final int PIECES_MIN = 2;
    private static final int BUCKETS_PER_PIECE = 128;

    /** How many changes a reader looks at before others have their turn. */
    private static final int LOOKS_PER_TURN = 128;

    /** About how many characters of names a page has at most. */
    private static final int PAGE_CHARS_MAX = 1 << 18;

    /** An entry of the log changes less often than that. */
    private static final int NUMBERS_PER_ENTRY_LOG2 = 16;

    private static final long NOWHERE = 0;

    /** Since all is known, as log time can be no earlier. */
    private static final long FROM_THE_BEGINNING = -1;

    /** Fair: a reader that comes back at once must not overtake the applying thread. */
    private final ReentrantLock lock = new ReentrantLock(true);

    /** A position is the number of a piece, which rises for ever, and an offset in it. Where a piece is in this array, its number says. */
    private final char[][] pieces;

    /** Of each piece, the log time of its last change. */
    private final long[] lastMs;

    /** Where the newest change of each bucket begins. */
    private final long[] newest;

    /** Of the piece that is written to, from 1 on. */
    private long piece = 1;

    /** The lowest number of a piece that is there. */
    private long oldestPiece = 1;

    private ChangeWriter writer = new ChangeWriter(new char[0]);

    /** All that happened after this log time is known. */
    private long knownAfterMs = FROM_THE_BEGINNING;

    /** @param bytesMax about how many bytes it takes at most, beside a few for each */
    History(int bytesMax) {
        int most = Math.max(PIECES_MIN, bytesMax / PIECE_BYTES);
        this.pieces = new char[most][];
        this.lastMs = new long[most];
        this.newest = new long[Integer.highestOneBit(most) * BUCKETS_PER_PIECE];
    }

    /** Adds what an entry changed. To be called for each entry, in the order of the log. */
    void add(Applied applied) {
        if (applied.changes().isEmpty()) {
            return;
        }
        lock.lock();
        try {
            int ordinal = 0;
            for (Change change : applied.changes()) {
                add(change, number(applied.index(), ordinal++), applied.logTimeMs());
            }
        } finally {
            lock.unlock();
        }
    }

    private static long number(long index, int ordinal) {
        return (index << NUMBERS_PER_ENTRY_LOG2) + Math.min(ordinal, (1 << NUMBERS_PER_ENTRY_LOG2) - 1);
    }

    private void add(Change change, long number, long atMs) {
        int size = ChangeWriter.sizeOf(change);
        if (size > PIECE_CHARS) {
            // The machine takes no names that are so long.
            knownAfterMs = Math.max(knownAfterMs, atMs);
            return;
        }
        if (writer.left() < size) {
            beginPiece();
        }
        int hash = change.lockable().hashCode();
        int bucket = bucketOf(hash);
        long position = (piece << PIECE_CHARS_LOG2) | writer.offset();
        writer.write(change, newest[bucket], hash, number, atMs);
        newest[bucket] = position;
        lastMs[slotOf(piece)] = atMs;
    }

    private void beginPiece() {
        long next = pieces[slotOf(piece)] == null ? piece : piece + 1;
        int slot = slotOf(next);
        if (next - oldestPiece == pieces.length) {
            knownAfterMs = Math.max(knownAfterMs, lastMs[slot]);
            oldestPiece++;
        }
        char[] memory = pieces[slot];
        if (memory == null) {
            memory = new char[PIECE_CHARS];
            pieces[slot] = memory;
        }
        piece = next;
        writer = new ChangeWriter(memory);
    }

    private int slotOf(long pieceNumber) {
        return (int) (pieceNumber % pieces.length);
    }

    private int bucketOf(int hash) {
        return (hash ^ (hash >>> 16)) & (newest.length - 1);
    }

    /** The state is another one from now on, as of that log time, and what happened before is not known. */
    void restart(long logTimeMs) {
        lock.lock();
        try {
            if (pieces[slotOf(piece)] != null) {
                // Whatever leads to a change leads to a piece that is there no more.
                piece++;
                oldestPiece = piece;
                Arrays.fill(pieces, null);
                writer = new ChangeWriter(new char[0]);
            }
            knownAfterMs = logTimeMs;
        } finally {
            lock.unlock();
        }
    }

    /** The memory that it has. */
    Collection<char[]> piecesUsed() {
        return Arrays.stream(pieces).filter(Objects::nonNull).toList();
    }

    /**
     * What is known of one lockable.
     *
     * @param nowMs the log time now, or a little before
     */
    Answer page(Query.History query, long nowMs) {
        if (query.max() < 1 || query.max() > Limits.PAGE_SIZE_MAX) {
            return new Answer.QueryRejected(
                    RejectionCode.INVALID, "a page of " + query.max() + "; allowed are 1 to " + Limits.PAGE_SIZE_MAX);
        }
        Search search = new Search(query, nowMs);
        do {
            lock.lock();
            try {
                search.look();
            } finally {
                lock.unlock();
            }
        } while (!search.isDone());
        return search.page();
    }

    /** The way from the newest change in a bucket to the oldest, in turns: a bucket may have as many as there are. */
    private final class Search {
        private final Query.History query;
        private final int hash;
        private final long nowMs;
        private final List<ChangeView> found = new ArrayList<>();
        private boolean begun;
        private long position;
        private long chars;
        private boolean more;
        private long knownForMs;

        Search(Query.History query, long nowMs) {
            this.query = query;
            this.hash = query.lockable().hashCode();
            this.nowMs = nowMs;
        }

        /** Under the lock. */
        void look() {
            if (!begun) {
                begun = true;
                position = newest[bucketOf(hash)];
            }
            for (int looks = 0; !isDone() && looks < LOOKS_PER_TURN; looks++) {
                long pieceNumber = position >>> PIECE_CHARS_LOG2;
                char[] memory = pieces[slotOf(pieceNumber)];
                if (pieceNumber < oldestPiece || memory == null) {
                    position = NOWHERE;
                } else {
                    look(new ChangeReader(memory, (int) (position & OFFSET_MASK)));
                }
            }
            // What gave way between two turns is not known.
            knownForMs = knownAfterMs == FROM_THE_BEGINNING ? LogTime.NEVER : Math.max(0, nowMs - knownAfterMs);
        }

        private void look(ChangeReader change) {
            position = change.previous();
            if (change.number() >= query.beforeNumber() || !change.isOf(hash, query.lockable())) {
                return;
            }
            if (found.size() == query.max() || chars >= PAGE_CHARS_MAX) {
                more = true;
                position = NOWHERE;
                return;
            }
            found.add(change.view(nowMs));
            chars += change.size();
        }

        boolean isDone() {
            return begun && position == NOWHERE;
        }

        Answer.HistoryPage page() {
            return new Answer.HistoryPage(found, more, knownForMs);
        }
    }
}
