/// Brings the spellings of flags that kubectl accepts into the one that the parser knows.
enum ArgumentForms {
    /// Flags that are on or off, and may be written `--flag=true` and `--flag=false`.
    private static let switches: Set<String> = [
        "--wait", "--no-headers", "--ignore-not-found", "--watch", "--all-namespaces", "--recursive", "--now", "--all",
        "--follow", "--detach", "--client", "--overwrite", "--show-labels", "--show-kind", "--list",
    ]

    /// `-o=json` becomes `-o json`, `--wait=false` becomes `--no-wait`, `--watch=true` becomes `--watch`, and a switch
    /// that is set to false is left away. For commands that wait for conditions `--wait=Ready` becomes `--wait
    /// --wait-for=Ready`, because the parser knows no flag that may have a value. What follows `--` stays as it is.
    static func normalize(_ arguments: [String]) -> [String] {
        let command = CommandPath(of: arguments).command as? any ProgramCommand.Type
        let waitTakesCondition = command?.waitTakesCondition ?? false
        var result: [String] = []
        for (position, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[position...] }
            guard argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") else {
                result.append(argument)
                continue
            }
            let name = String(argument[..<equals])
            let value = String(argument[argument.index(after: equals)...])
            if switches.contains(name), value == "true" || value == "false" {
                if value == "true" {
                    result.append(name)
                } else if name == "--wait" {
                    result.append("--no-wait")
                }
            } else if name == "--wait", waitTakesCondition {
                result += [name, "--wait-for=\(value)"]
            } else if name.utf8.count == 2 {
                result += [name, value]
            } else {
                result.append(argument)
            }
        }
        return result
    }
}
