package dev.holdfast.jepsen.simulation;

import java.util.Random;

/** What the code of users throws in a simulation. Nobody but the client's callbacks may meet it. */
final class Mischief extends Error {
    private static final long serialVersionUID = 1;
    private static final String TEXT = "thrown by the code of a user";

    Mischief() {
        super(TEXT, null, false, false);
    }

    /** Throws something, checked or not. */
    static void any(Random random) {
        switch (random.nextInt(3)) {
            case 0 -> throw new Mischief();
            case 1 -> throw new IllegalStateException(TEXT);
            default -> throwUnchecked(new Exception(TEXT));
        }
    }

    /** Whether that was thrown by {@link #any}. */
    static boolean is(Throwable thrown) {
        return TEXT.equals(thrown.getMessage());
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwUnchecked(Throwable checked) throws X {
        throw (X) checked;
    }
}
