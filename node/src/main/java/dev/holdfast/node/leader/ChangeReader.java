package dev.holdfast.node.leader;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import java.nio.CharBuffer;
import org.jspecify.annotations.Nullable;

/** One change, as a {@link ChangeWriter} wrote it. */
final class ChangeReader {
    private static final int NUMBER = ChangeWriter.CHARS_PER_LONG;
    private static final int TIME = NUMBER + ChangeWriter.CHARS_PER_LONG;
    private static final int TOKEN = TIME + ChangeWriter.CHARS_PER_LONG;
    private static final int LASTED = TOKEN + ChangeWriter.CHARS_PER_LONG;
    private static final int HASH = LASTED + ChangeWriter.CHARS_PER_LONG;
    private static final int COUNT = HASH + ChangeWriter.CHARS_PER_INT;
    private static final int FLAGS = COUNT + ChangeWriter.CHARS_PER_INT;
    private static final int SIZE = FLAGS + 1;
    private static final int NAMES = SIZE + 1;
    private static final int KIND_MASK = ChangeWriter.IS_MUTEX - 1;
    private static final ChangeKind[] KINDS = ChangeKind.values();

    private final char[] memory;
    private final int start;

    /** Where the next name is. */
    private int at;

    ChangeReader(char[] memory, int start) {
        this.memory = memory;
        this.start = start;
        this.at = start + NAMES;
    }

    /** The position of the one before it in its bucket. */
    long previous() {
        return longAt(start);
    }

    long number() {
        return longAt(start + NUMBER);
    }

    /** How many characters it takes. */
    int size() {
        return memory[start + SIZE];
    }

    boolean isOf(int hash, LockableKey lockable) {
        return intAt(start + HASH) == hash
                && has(ChangeWriter.IS_MUTEX) == (lockable.kind() == LockableKind.MUTEX)
                && CharBuffer.wrap(memory, start + NAMES + 1, memory[start + NAMES])
                                .compareTo(CharBuffer.wrap(lockable.key()))
                        == 0;
    }

    private boolean has(int flag) {
        return (memory[start + FLAGS] & flag) != 0;
    }

    /** What is told of it at that log time. To be called once. */
    ChangeView view(long nowMs) {
        var unused = nextText();
        Owner owner = new Owner(nextText(), nextText(), has(ChangeWriter.HAS_SCOPE) ? nextScope() : null);
        return new ChangeView(
                number(),
                KINDS[memory[start + FLAGS] & KIND_MASK],
                owner,
                longAt(start + TOKEN),
                intAt(start + COUNT),
                longAt(start + LASTED),
                Math.max(0, nowMs - longAt(start + TIME)),
                nextSession());
    }

    private Owner.Scope nextScope() {
        return new Owner.Scope(nextText(), nextText());
    }

    private Answer.@Nullable SessionView nextSession() {
        if (!has(ChangeWriter.HAS_CLIENT)) {
            return null;
        }
        SessionId session = new SessionId(longAt(at), 0);
        at += ChangeWriter.CHARS_PER_LONG;
        return new Answer.SessionView(session.shortForm(), nextText(), nextText(), nextText(), nextText());
    }

    private String nextText() {
        int length = memory[at];
        String text = new String(memory, at + 1, length);
        at += 1 + length;
        return text;
    }

    private long longAt(int offset) {
        return ((long) intAt(offset) << 32) | (intAt(offset + ChangeWriter.CHARS_PER_INT) & 0xffff_ffffL);
    }

    private int intAt(int offset) {
        return (memory[offset] << 16) | memory[offset + 1];
    }
}
