package dev.holdfast.protocol;

/**
 * Who sent a batch, as the peer that took it in found out; what a client says about itself does not count. Part of the log
 * where the machine keeps it: in batches with a command that {@linkplain Command.ClientCommand#recordsCaller records it}.
 *
 * @param principal the name that was proved; empty if nobody asked for a proof and none was given
 * @param address the network address that it came from, without a port; empty if it came from within the peer's own process
 * @param atEpochMs when it arrived, by the wall clock of the peer that took it in, for people to read: in milliseconds since 1970
 */
public record Caller(String principal, String address, long atEpochMs) {
    /** Nothing is known: batches of commands that do not record it, and logs of releases that did not either. */
    public static final Caller NOBODY = new Caller("", "", 0);
}
