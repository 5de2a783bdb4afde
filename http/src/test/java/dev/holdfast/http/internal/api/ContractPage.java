package dev.holdfast.http.internal.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws the contract as a page for people, without anything that has to be run or loaded to read it. */
final class ContractPage {
    private static final String SCHEMAS = "#/components/schemas/";

    private final Map<String, Object> contract;
    private final StringBuilder html = new StringBuilder();

    private ContractPage(Map<String, Object> contract) {
        this.contract = contract;
    }

    static String of(Map<String, Object> contract) {
        ContractPage page = new ContractPage(contract);
        page.draw();
        return page.html.toString();
    }

    private void draw() {
        Map<String, Object> info = map(contract.get("info"));
        String title = (String) info.get("title");
        line("<!doctype html>");
        line("<!-- Made of openapi.yaml by ContractPageTest, which says how to make it again. -->");
        line("<html lang=\"en\">");
        line("<head>");
        line("  <meta charset=\"utf-8\">");
        line("  <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        line("  <meta name=\"color-scheme\" content=\"light dark\">");
        line("  <title>" + escape(title) + "</title>");
        line("  <link rel=\"icon\" href=\"data:,\">");
        line("  <link rel=\"stylesheet\" href=\"/page/page.css\">");
        line("</head>");
        line("<body class=\"contract\">");
        line("<main>");
        line("<h1>" + escape(title) + " <span>version " + escape(info.get("version")) + "</span></h1>");
        text(info.get("description"));
        line("<p><a href=\"/openapi.yaml\">The same for programs</a>, as OpenAPI " + escape(contract.get("openapi"))
                + ". <a href=\"/ui\">The page of this peer</a>.</p>");
        List<Operation> operations = operations();
        line("<nav class=\"panel\" aria-label=\"Requests\">");
        for (Object tag : list(contract.get("tags"))) {
            line("<h2>" + escape(map(tag).get("description")) + "</h2>");
            line("<ul>");
            for (Operation operation : operations) {
                if (operation.tag().equals(map(tag).get("name"))) {
                    line("<li><a href=\"#" + operation.id() + "\"><code>" + escape(operation.line()) + "</code></a> "
                            + inline(operation.of().get("summary")) + "</li>");
                }
            }
            line("</ul>");
        }
        line("</nav>");
        operations.forEach(this::draw);
        line("<h2 id=\"schemas\">What is sent and answered</h2>");
        map(at("#/components/schemas")).forEach((name, schema) -> {
            line("<section class=\"panel\" id=\"schema-" + name + "\">");
            line("<h3>" + escape(name) + "</h3>");
            body(map(schema));
            line("</section>");
        });
        line("</main>");
        line("</body>");
        line("</html>");
    }

    private record Operation(String method, String path, Map<String, Object> of) {
        String id() {
            return (String) of.get("operationId");
        }

        String tag() {
            return (String) list(of.get("tags")).get(0);
        }

        String line() {
            return method.toUpperCase(Locale.ROOT) + " " + path;
        }
    }

    private List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        map(contract.get("paths"))
                .forEach((path, methods) ->
                        map(methods).forEach((method, of) -> operations.add(new Operation(method, path, map(of)))));
        return operations;
    }

    private void draw(Operation operation) {
        line("<section class=\"panel\" id=\"" + operation.id() + "\">");
        line("<h3><code>" + escape(operation.line()) + "</code></h3>");
        text(operation.of().get("summary"));
        text(operation.of().get("description"));
        List<?> parameters = list(operation.of().getOrDefault("parameters", List.of()));
        if (!parameters.isEmpty()) {
            table(
                    "Parameters",
                    parameters.stream()
                            .map(each -> map(resolved(each)))
                            .map(each -> new Row(
                                    (String) each.get("name"),
                                    Boolean.TRUE.equals(each.get("required")),
                                    map(each.get("schema")),
                                    each.get("description")))
                            .toList());
        }
        Object request = operation.of().get("requestBody");
        if (request != null) {
            line("<h4>Body</h4>");
            content(map(request));
        }
        map(operation.of().get("responses")).forEach((status, response) -> {
            Map<String, Object> answer = map(resolved(response));
            if (status.equals("default")) {
                line("<p>Anything else is a <a href=\"#schema-Problem\">Problem</a>.</p>");
                return;
            }
            line("<h4>" + escape(status) + "</h4>");
            text(answer.get("description"));
            Map<String, Object> headers = map(answer.getOrDefault("headers", Map.of()));
            if (!headers.isEmpty()) {
                table(
                        "Headers",
                        headers.entrySet().stream()
                                .map(each -> new Row(
                                        each.getKey(),
                                        false,
                                        map(map(each.getValue()).get("schema")),
                                        map(each.getValue()).get("description")))
                                .toList());
            }
            content(answer);
        });
        line("</section>");
    }

    private void content(Map<String, Object> of) {
        map(of.getOrDefault("content", Map.of())).forEach((type, value) -> {
            Map<String, Object> schema = map(map(value).get("schema"));
            if (!type.equals("application/json")) {
                line("<p><code>" + escape(type) + "</code></p>");
            }
            body(schema);
        });
    }

    /** A schema that stands by itself. */
    private void body(Map<String, Object> schema) {
        text(schema.get("description"));
        for (Object part : list(schema.getOrDefault("allOf", List.of()))) {
            body(map(part));
        }
        Map<String, Object> properties = map(schema.getOrDefault("properties", Map.of()));
        if (properties.isEmpty()) {
            if (!schema.containsKey("allOf")) {
                line("<p>" + type(schema) + "</p>");
            }
            return;
        }
        List<?> required = list(schema.getOrDefault("required", List.of()));
        table(
                "Members",
                properties.entrySet().stream()
                        .map(each -> new Row(
                                each.getKey(),
                                required.contains(each.getKey()),
                                map(each.getValue()),
                                map(each.getValue()).get("description")))
                        .toList());
    }

    private record Row(String name, boolean required, Map<String, Object> schema, Object description) {}

    private void table(String caption, List<Row> rows) {
        line("<div class=\"scroll\" role=\"region\" aria-label=\"" + caption + "\" tabindex=\"0\"><table>");
        line("<caption class=\"sr\">" + caption + "</caption>");
        line(
                "<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Type</th><th scope=\"col\">What it is</th></tr></thead>");
        line("<tbody>");
        for (Row row : rows) {
            line("<tr><th scope=\"row\"><code>" + escape(row.name()) + "</code>"
                    + (row.required() ? "" : "<span class=\"more\">optional</span>") + "</th><td>" + type(row.schema())
                    + "</td><td>" + inline(row.description()) + members(row.schema()) + "</td></tr>");
        }
        line("</tbody></table></div>");
    }

    /** Of an object without a name, what is in it. */
    private String members(Map<String, Object> schema) {
        Map<String, Object> of = schema.containsKey("items") ? map(schema.get("items")) : schema;
        Map<String, Object> properties = map(of.getOrDefault("properties", Map.of()));
        if (properties.isEmpty()) {
            return "";
        }
        List<?> required = list(of.getOrDefault("required", List.of()));
        return properties.entrySet().stream()
                .map(each -> "<li><code>" + escape(each.getKey()) + "</code>, " + type(map(each.getValue()))
                        + (required.contains(each.getKey()) ? "" : ", optional")
                        + (map(each.getValue()).containsKey("description")
                                ? ". " + inline(map(each.getValue()).get("description"))
                                : "")
                        + members(map(each.getValue())) + "</li>")
                .collect(Collectors.joining("", "<ul>", "</ul>"));
    }

    private String type(Map<String, Object> schema) {
        String reference = (String) schema.get("$ref");
        if (reference != null) {
            String name = reference.substring(SCHEMAS.length());
            return "<a href=\"#schema-" + name + "\">" + escape(name) + "</a>";
        }
        for (String choice : List.of("oneOf", "anyOf")) {
            if (schema.containsKey(choice)) {
                return list(schema.get(choice)).stream()
                        .map(each -> type(map(each)))
                        .collect(Collectors.joining(" or "));
            }
        }
        if (schema.containsKey("allOf")) {
            return list(schema.get("allOf")).stream()
                    .map(each -> type(map(each)))
                    .collect(Collectors.joining(" and "));
        }
        if (schema.containsKey("const")) {
            return "<code>" + escape(schema.get("const")) + "</code>";
        }
        if (schema.containsKey("enum")) {
            return list(schema.get("enum")).stream()
                    .map(each -> "<code>" + escape(each) + "</code>")
                    .collect(Collectors.joining(" or "));
        }
        Object type = schema.get("type");
        String name = type instanceof List<?> several
                ? several.stream().map(Object::toString).collect(Collectors.joining(" or "))
                : String.valueOf(type);
        String words = name.equals("array") ? "list of " + type(map(schema.get("items"))) : escape(name);
        List<String> bounds = new ArrayList<>();
        for (String bound :
                List.of("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default")) {
            if (schema.containsKey(bound) && !"".equals(schema.get(bound))) {
                bounds.add(bound + " " + escape(schema.get(bound)));
            }
        }
        return words + (bounds.isEmpty() ? "" : "<span class=\"more\">" + String.join(", ", bounds) + "</span>");
    }

    private Object resolved(Object node) {
        Object reference = map(node).get("$ref");
        return reference == null ? node : at((String) reference);
    }

    private Object at(String reference) {
        Object node = contract;
        for (String name : reference.substring(2).split("/")) {
            node = map(node).get(name);
        }
        return node;
    }

    private void text(Object markdown) {
        if (markdown != null) {
            for (String paragraph : markdown.toString().strip().split("\n\\s*\n")) {
                line("<p>" + inline(paragraph) + "</p>");
            }
        }
    }

    /** Of Markdown, code. */
    private static String inline(Object markdown) {
        return markdown == null
                ? ""
                : escape(markdown.toString().strip())
                        .replaceAll("\\s+", " ")
                        .replaceAll("`([^`]*)`", "<code>$1</code>");
    }

    private static String escape(Object text) {
        return text.toString()
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private void line(String line) {
        html.append(line).append('\n');
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static List<?> list(Object node) {
        return (List<?>) node;
    }
}
