namespace ModelDsl.Attacks.Readers;

/// <summary>Chat templates in the manner of those that models come with, and the words of their language.</summary>
internal static class TemplateSamples
{
    public static readonly string[] All =
    [
        "{% for message in messages %}{{ '<|start|>' + message['role'] + '\\n' + message['content'] | trim + '<|stop|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start|>assistant\\n' }}{% endif %}",
        "{{- bos_token }}\n{%- if messages[0]['role'] == 'system' %}\n    {%- set system = messages[0].content %}\n    {%- set rest = messages[1:] %}\n{%- else %}\n    {%- set rest = messages %}\n{%- endif %}\n"
            + "{%- for m in rest %}\n    {%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}\n        {{- raise_exception('roles must alternate') }}\n    {%- endif %}\n    {{- '[' ~ m.content.strip() ~ ']' }}\n{%- endfor %}",
        "{% macro show(tool, depth=0) %}{{ '  ' * depth }}{{ tool.name | upper }}{% for p in tool.parameters %}{{ p | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}{% endmacro %}"
            + "{% if tools is defined and tools is not none %}{% for tool in tools %}{{ show(tool, depth=1) }}{% endfor %}{% endif %}",
        "{% set ns = namespace(n=0, text='') %}{% for i in range(5) %}{% set ns.n = ns.n + i * 2 %}{% set ns.text = ns.text ~ i %}{% if i == 3 %}{% break %}{% endif %}{% continue %}{% endfor %}{{ ns.n }}{{ ns.text }}",
        "{% set items = [3, 1, 2] %}{{ items | sort | join(', ') }}{{ items | first }}{{ items | length }}{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list }}{{ {'a': 1, 'b': [true, none]}.items() | list }}",
        "{{ 'a,b'.split(',') }}{{ 'abc'[::-1] }}{{ 'x'.replace('x', 'y').startswith('y') }}{{ x | default('none') }}{{ 7 // 2 }}{{ -7 % 3 }}{{ 'b' if flag else 'c' }}{{ 1 in [1] and not false }}",
        "{% filter upper %}text{% endfilter %}{% raw %}{{ kept }}{% endraw %}{# a comment #}{% call show() %}inside{% endcall %}",
    ];

    public static readonly string[] Words =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "for", "in", "endfor", "if", "elif", "else", "endif", "set", "endset", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "raw", "endraw", "break", "continue", "generation", "endgeneration",
        "messages", "message", "loop", "loop.index", "range", "namespace", "raise_exception", "strftime_now", "dict", "joiner", "cycler", "lipsum", "not", "and", "or", "is", "defined", "none", "true", "false", "+", "-", "*", "/", "//", "%", "**", "~", "|", "(", ")", "[", "]", "{",
        "}", ".", ",", ":", "==", "!=", "<", ">=", "=", "'", "\"", "''", "'a'", "trim", "tojson", "upper", "title", "capitalize", "sort", "join", "map", "select", "rejectattr", "unique", "list", "length", "first", "last", "min", "max", "sum", "reverse", "replace", "split", "string", "int",
        "float", "abs", "round", "items", "dictsort", "indent", "default", "safe", "append", "pop", "extend", "update", "keys", "values", "get", "format", "strip", "lstrip", "find", "count", "self", "caller", "recursive", "iterable", "mapping", "sequence", "number",
    ];
}
