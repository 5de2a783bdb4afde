package dev.holdfast.node.internal.membership;

/** What the leader of the first group has to do next, so that the members are as was asked. */
sealed interface ChangeStep {
    /** What is about to be done, for people to read. */
    default String begins() {
        return "begins";
    }

    /**
     * It is so already.
     *
     * @param why for people to read
     */
    record Nothing(String why) implements ChangeStep {}

    /**
     * These are to be the members.
     *
     * @param done what is then done, for people to read
     */
    record Change(MemberSet wanted, String done) implements ChangeStep {}

    /** That voter is to lead, and to do the rest: this peer is not to be a voter any more. */
    record HandOver(Peer to) implements ChangeStep {
        @Override
        public String begins() {
            return "begins: '" + to.id().name() + "' is to lead, and to do it";
        }
    }

    /** That voter is to lead, and that is all. */
    record Lead(Peer to) implements ChangeStep {
        @Override
        public String begins() {
            return "begins: '" + to.id().name() + "' is to be elected";
        }
    }
}
