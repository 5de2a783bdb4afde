package dev.holdfast.client.errors;

/** Those who wait, in the words of messages. */
final class Waiters {

    /** Such as {@code 3 others have been waiting longer}. */
    static String waitingLonger(int waiters) {
        return waiters == 1 ? "1 other has been waiting longer" : waiters + " others have been waiting longer";
    }

    private Waiters() {}
}
