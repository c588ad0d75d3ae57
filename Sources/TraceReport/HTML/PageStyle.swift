/// How pages look, on a screen that is light or dark and on paper.
enum PageStyle {
  static let sheet: StaticString = """
    :root{color-scheme:light dark;--ink:#1c2430;--dim:#5b6675;--paper:#fff;--grid:#e3e7ec;--s0:#2f6fd0;--s1:#d2691e;\
    --s2:#2a8f5b;--s3:#8557c0}
    @media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa5b3;--paper:#14181e;--grid:#2b323b;--s0:#6aa3f5;\
    --s1:#f0935a;--s2:#57c48c;--s3:#b48cf0}}
    body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:960px;margin:2rem auto;\
    padding:0 1rem}
    h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .3rem}p{margin:.3rem 0}.dim{color:var(--dim)}
    .warning{border-left:4px solid var(--s1);padding-left:.7rem}
    svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
    svg .tick{fill:var(--dim);font-size:11px}.grid{stroke:var(--grid)}.base{stroke:var(--dim);stroke-width:1.5}
    .whisker{stroke:var(--ink);stroke-width:1.3}.curve{fill:none;stroke-width:1.8;stroke-opacity:.75}
    .s0{fill:var(--s0);stroke:var(--s0)}.s1{fill:var(--s1);stroke:var(--s1)}.s2{fill:var(--s2);stroke:var(--s2)}
    .s3{fill:var(--s3);stroke:var(--s3)}rect{stroke:none!important}.curve{fill:none!important}.dot{fill-opacity:.6;stroke:none}
    table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:right;padding:.2rem .6rem;\
    border-bottom:1px solid var(--grid)}th:first-child,td:first-child{text-align:left}
    """
}
