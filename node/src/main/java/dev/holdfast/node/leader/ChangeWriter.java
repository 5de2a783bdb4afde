package dev.holdfast.node.leader;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import dev.holdfast.statemachine.Change;
import dev.holdfast.statemachine.Change.Client;

/**
 * Writes changes into a piece of memory, one behind the other; {@link ChangeReader} reads them. Numbers and names are characters there,
 * since a text is copied into an array of these as fast as can be, and without a detour.
 *
 * <p>See {@code docs/adr/022-every-peer-remembers-what-happened.md}.
 */
final class ChangeWriter {
    static final int CHARS_PER_INT = 2;
    static final int CHARS_PER_LONG = 4;

    /** The previous change, the number, the time, the token, how long it lasted; the hash, the count; what it is; its length. */
    private static final int HEAD = 5 * CHARS_PER_LONG + 2 * CHARS_PER_INT + 2;

    /** Bits beside the kind of change. */
    static final int IS_MUTEX = 1 << 8;

    static final int HAS_SCOPE = 1 << 9;
    static final int HAS_CLIENT = 1 << 10;

    private final char[] memory;
    private int at;

    /** Begins at its beginning. */
    ChangeWriter(char[] memory) {
        this.memory = memory;
    }

    int offset() {
        return at;
    }

    /** How many more characters fit into it. */
    int left() {
        return memory.length - at;
    }

    /** How many characters it takes to write that change. */
    static int sizeOf(Change change) {
        Owner owner = change.owner();
        int size = HEAD + sizeOf(change.lockable().key()) + sizeOf(owner.type()) + sizeOf(owner.id());
        Owner.Scope scope = owner.within();
        if (scope != null) {
            size += sizeOf(scope.type()) + sizeOf(scope.id());
        }
        Client client = change.client();
        if (client != null) {
            size += CHARS_PER_LONG
                    + sizeOf(client.host())
                    + sizeOf(client.name())
                    + sizeOf(client.principal())
                    + sizeOf(client.address());
        }
        return size;
    }

    private static int sizeOf(String text) {
        return 1 + text.length();
    }

    /**
     * Writes it.
     *
     * @param previous the position of another
     */
    // Whoever reads the number of a kind is of the same process.
    @SuppressWarnings("EnumOrdinal")
    void write(Change change, long previous, int hash, long number, long atMs) {
        LockableKey lockable = change.lockable();
        Owner owner = change.owner();
        Owner.Scope scope = owner.within();
        Client client = change.client();
        int start = at;
        put(previous);
        put(number);
        put(atMs);
        put(change.token());
        put(change.lastedMs());
        put(hash);
        put(change.count());
        memory[at++] = (char) (change.kind().ordinal()
                | (lockable.kind() == LockableKind.MUTEX ? IS_MUTEX : 0)
                | (scope == null ? 0 : HAS_SCOPE)
                | (client == null ? 0 : HAS_CLIENT));
        int lengthAt = at++;
        put(lockable.key());
        put(owner.type());
        put(owner.id());
        if (scope != null) {
            put(scope.type());
            put(scope.id());
        }
        if (client != null) {
            // As much as its short form takes; the rest would be enough to impersonate it.
            put(client.session().high());
            put(client.host());
            put(client.name());
            put(client.principal());
            put(client.address());
        }
        memory[lengthAt] = (char) (at - start);
    }

    private void put(long value) {
        put((int) (value >>> 32));
        put((int) value);
    }

    private void put(int value) {
        memory[at++] = (char) (value >>> 16);
        memory[at++] = (char) value;
    }

    private void put(String text) {
        int length = text.length();
        memory[at++] = (char) length;
        text.getChars(0, length, memory, at);
        at += length;
    }
}
