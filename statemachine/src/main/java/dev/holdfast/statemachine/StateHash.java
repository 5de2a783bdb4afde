package dev.holdfast.statemachine;

import dev.holdfast.statemachine.v1.AccessProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.SessionProto;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over the canonical encoding: peers at the same applied index must agree. */
final class StateHash implements StateImage.Fragments<RuntimeException> {
    private final MessageDigest digest = sha256();

    static String of(MachineState state) {
        StateHash hash = new StateHash();
        hash.digest.update(StateEncoder.header(state).toByteArray());
        AccessImage.of(state).encode(hash);
        for (Session session : state.sessions.inOrder()) {
            SessionImage.of(session).encode(hash);
        }
        for (LockableEntry entry : state.lockables.inOrder()) {
            LockableImage.of(entry).encode(hash);
        }
        return HexFormat.of().formatHex(hash.digest.digest());
    }

    @Override
    public void add(AccessProto access) {
        digest.update(access.toByteArray());
    }

    @Override
    public void add(SessionProto session) {
        digest.update(session.toByteArray());
    }

    @Override
    public void add(LockableProto lockable) {
        digest.update(lockable.toByteArray());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
