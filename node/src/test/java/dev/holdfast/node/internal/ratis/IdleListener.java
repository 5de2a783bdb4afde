package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.membership.MemberSet;

/** Does nothing, whatever it hears. */
class IdleListener implements GroupListener {
    @Override
    public void leaderReady(long term) {}

    @Override
    public void notLeader() {}

    @Override
    public void configured(MemberSet members) {}

    @Override
    public void snapshotInstalled(long index) {}

    @Override
    public void ended(Throwable cause) {}

    @Override
    public void failed(Throwable cause) {}
}
