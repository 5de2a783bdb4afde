package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.CommandRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of the members, and of changes. */
class MembersCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void members_are_listed_and_what_cannot_be_done_is_refused_in_one_line(@TempDir Path folder) throws Exception {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            assertThat(node.awaitReady(PATIENCE)).isTrue();
            List<String> table = run(node).ended(0).out();
            assertThat(table).hasSize(2);
            assertThat(table.get(0)).startsWith("MEMBER").contains("INCARNATION", "ROLE", "APPLIED");
            assertThat(table.get(1))
                    .startsWith("alone")
                    .contains(" voter ", " 0 ", node.member().clientAddress().toString());

            JsonObject json = JsonParser.parseString(
                            run(node, "--json").ended(0).outLine())
                    .getAsJsonObject();
            assertThat(json.get("cluster").getAsString()).isEqualTo(node.clusterId());
            JsonObject member = json.getAsJsonArray("members").get(0).getAsJsonObject();
            assertThat(member.get("name").getAsString()).isEqualTo("alone");
            assertThat(member.get("role").getAsString()).isEqualTo("voter");
            assertThat(member.get("leads").getAsJsonArray().get(0).getAsInt()).isZero();

            assertThat(run(node, "add", "d").ended(1).errLine())
                    .startsWith("holdfast: nobody presents itself as 'd'")
                    .contains("holdfast.join = true");
            assertThat(run(node, "remove", "alone", "--force").ended(1).errLine())
                    .contains("the only voter");
            assertThat(run(node, "remove", "x").ended(0).outLine()).isEqualTo("there is no member 'x'.");
            assertThat(run(node, "lead", "alone", "--json").ended(0).outLine())
                    .isEqualTo("{\"changed\":false,\"text\":\"'alone' leads already\",\"groupsBehind\":[]}");
            await().atMost(PATIENCE).until(() -> run(node, "token").exitCode() == 0);
            assertThat(run(node, "token", "d", "--for", "10m").ended(0).outLine())
                    .matches("join-[0-9a-f]{32}");
            assertThat(run(node, "token", "--json").ended(0).outLine()).matches("\\{\"token\":\"join-[0-9a-f]{32}\"}");
            assertThat(run(node, "token", "--for", "721h").ended(1).errLine()).contains("at most 30 days");
            assertThat(run(node, "add", "d", "--for", "1h").ended(2).err().get(0))
                    .contains("--for is for 'members token' only");
            tokensAreListedAndWithdrawn(node);
            assertThat(run(node, "--cluster", "other").ended(69).errLine()).contains("belongs to 'holdfast'");
        }
    }

    private static void tokensAreListedAndWithdrawn(HoldfastNode node) {
        List<String> table = run(node, "tokens").ended(0).out();
        assertThat(table.get(0)).startsWith("TOKEN").contains("FOR", "STATE", "MADE", "BY", "FROM", "USED BY");
        String line =
                table.stream().filter(each -> each.contains(" d ")).findFirst().orElseThrow();
        assertThat(line).containsPattern("^[0-9a-f]{12} +d +unused +20").contains(" 127.0.0.1 ", " m ");
        String id = line.substring(0, 12);

        assertThat(run(node, "withdraw", id).ended(0).outLine())
                .isEqualTo("join token " + id + " is withdrawn: it lets nobody in any more.");
        assertThat(run(node, "withdraw", id, "--json").ended(0).outLine()).startsWith("{\"changed\":false");
        assertThat(run(node, "withdraw", "0123456789ab").ended(1).errLine()).contains("'holdfast members tokens'");
        String secret = run(node, "token").outLine();
        assertThat(run(node, "withdraw", secret).ended(1).errLine())
                .contains("no id of a join token")
                .doesNotContain(secret);
        JsonObject json = JsonParser.parseString(
                        run(node, "tokens", "--json").ended(0).outLine())
                .getAsJsonObject();
        assertThat(json.getAsJsonArray("tokens"))
                .map(JsonElement::getAsJsonObject)
                .filteredOn(each -> each.get("id").getAsString().equals(id))
                .singleElement()
                .returns("withdrawn", each -> each.get("state").getAsString())
                .returns("d", each -> each.get("name").getAsString())
                .returns("127.0.0.1", each -> each.get("madeFrom").getAsString());
    }

    private static CommandRun run(HoldfastNode node, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("members", "--servers", node.member().clientAddress().toString(), "--timeout", "2m"));
        arguments.addAll(Arrays.asList(more));
        return CommandRun.of(arguments.toArray());
    }
}
