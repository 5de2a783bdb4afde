package dev.holdfast.statemachine;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over the canonical encoding: peers at the same applied index must agree. */
final class StateHash {
    static String of(MachineState state) {
        MessageDigest digest = sha256();
        digest.update(StateEncoder.header(state).toByteArray());
        for (Session session : state.sessions.inOrder()) {
            digest.update(StateEncoder.encode(session).toByteArray());
        }
        for (LockableEntry entry : state.lockables.inOrder()) {
            digest.update(StateEncoder.encode(entry).toByteArray());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private StateHash() {}
}
