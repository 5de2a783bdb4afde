package dev.holdfast.server.process;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Members of clusters on this machine. */
public final class LoopbackMembers {

    /** Members of those ids, on ports that are free now. Another process may take one before they are started. */
    public static List<Member> find(List<String> ids) throws IOException {
        List<Integer> ports = FreePorts.find(2 * ids.size());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            members.add(new Member(ids.get(i), "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
        return members;
    }

    private LoopbackMembers() {}
}
