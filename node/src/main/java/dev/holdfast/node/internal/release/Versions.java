package dev.holdfast.node.internal.release;

/**
 * The versions of something that a release knows: of an encoding, or of the machine's semantics. What it knows is without gaps.
 *
 * @param oldest at least 1
 * @param newest at least as high
 */
public record Versions(int oldest, int newest) {
    public Versions {
        if (oldest < 1 || newest < oldest) {
            throw new IllegalArgumentException("versions " + oldest + " to " + newest);
        }
    }

    /** The first version up to that one. */
    static Versions upTo(int newest) {
        return new Versions(1, newest);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Versions parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException("no versions: " + text);
        }
        return new Versions(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }

    boolean include(int version) {
        return oldest <= version && version <= newest;
    }

    @Override
    public String toString() {
        return oldest + "-" + newest;
    }
}
