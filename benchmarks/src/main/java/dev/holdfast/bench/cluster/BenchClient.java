package dev.holdfast.bench.cluster;

import com.google.gson.Gson;
import dev.holdfast.bench.load.Holds;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A thin client as a process, told what to do by lines on its standard input: {@code take FROM TO} takes locks, keeps them, and
 * answers with how many it took per second; {@code load PLAN} runs callers and answers with their result. It ends with its
 * standard input.
 */
public final class BenchClient {
    private static final Gson GSON = new Gson();

    /** Arguments: the peers' client addresses, and the session lease in milliseconds. */
    public static void main(String[] args) throws IOException, InterruptedException {
        ClientOptions options = Holds.PATIENT.sessionLease(Duration.ofMillis(Long.parseLong(args[1])));
        try (HoldfastClient client = Holdfast.connect(args[0], options)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(answer(client, line.split(" ", 2)));
            }
        }
    }

    private static String answer(HoldfastClient client, String[] words) throws IOException, InterruptedException {
        return switch (words[0]) {
            case "take" -> {
                String[] numbers = words[1].split(" ", 2);
                yield String.valueOf(Holds.take(client, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])));
            }
            case "load" -> GSON.toJson(LoadRun.run(client, GSON.fromJson(words[1], LoadPlan.class)));
            default -> throw new IOException("what is '" + words[0] + "'?");
        };
    }

    private BenchClient() {}
}
