package dev.holdfast.node.internal.transport;

import org.jspecify.annotations.Nullable;

/** Why a connection or a question was refused. */
public enum Reason {
    /** What was sent is no conversation between members of this release. */
    NOT_UNDERSTOOD(1),
    /** The proof does not fit: the other has another secret, or is no member. */
    NOT_PROVED(2),
    /** The other is a member, but of another cluster. */
    OTHER_CLUSTER(3),
    /** It is not a member that this one knows, or it wanted to talk to another. */
    NOT_A_MEMBER(4),
    /** A member said in another's name what only that other may say, or what no member would. */
    FORGED(5),
    /** There is too much to do already. */
    BUSY(6),
    /** It was tried, and failed. */
    FAILED(7),
    /** It has shown no certificate, or one that has expired, or that nobody has signed who is trusted; or ours is such a one to it. */
    CERTIFICATE(8),
    /** Its certificate is good, but not that of the member that it claims to be. */
    OTHER_NAME(9),
    /** It speaks no TLS, or none that this member speaks. */
    NO_TLS(10),
    /** It has no cluster yet; there is nothing wrong with either. */
    STARTING(11),
    /** Its release, and that of the others, do not read what the other writes. */
    RELEASE(12);

    private final byte code;

    Reason(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static Reason of(int code) {
        for (Reason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        return NOT_UNDERSTOOD;
    }

    /** That of the failure, if another member or this one refused something; else {@code null}. */
    static @Nullable Reason in(Throwable failure) {
        return failure instanceof RefusedException refused ? refused.reason() : null;
    }
}
