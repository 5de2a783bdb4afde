package dev.holdfast.protocol;

/**
 * Who did something that concerns others. One group keeps the last {@link Limits#AUDIT_RECORDS_MAX} of them.
 *
 * @param number counts the records of the group, from 1 without gaps
 * @param atEpochMs {@link Caller#atEpochMs}; 0 if it is not known
 * @param principal {@link Caller#principal}
 * @param address {@link Caller#address}
 * @param action one of the constants below; a later release may know others
 * @param target to what it was done: the lockable, the short form of the session's id, the rule, the
 *     member
 * @param detail what became of it, for people to read
 */
public record AuditRecord(
        long number, long atEpochMs, String principal, String address, String action, String target, String detail) {
    public static final String FORCE_RELEASE = "force-release";
    public static final String END_SESSION = "end-session";
    public static final String PUT_RULE = "put-rule";
    public static final String REMOVE_RULE = "remove-rule";
    /** A cluster began with a backup of another, or with the folder of one of its members. */
    public static final String RESTORE = "restore";

    public static final String RECOVER = "recover";
    /** With what the actions about members begin. */
    public static final String MEMBERS = "members-";
    /** A member has said that it is at another address. */
    public static final String MEMBERS_MOVE = MEMBERS + "move";
    /** A join token was made. */
    public static final String MEMBERS_TOKEN = MEMBERS + "token";
    /** A join token was withdrawn. */
    public static final String MEMBERS_WITHDRAW = MEMBERS + "withdraw";
}
