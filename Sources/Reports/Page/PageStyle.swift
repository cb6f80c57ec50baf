/// How the page looks: on a screen, light or dark, on a phone, and on paper.
enum PageStyle {
    static let rules = """
        :root{color-scheme:light dark}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:1080px;margin:0 auto;padding:2rem 1.1rem 4rem}
        h1{font-size:1.75rem;line-height:1.2;margin:.4rem 0 1.2rem;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:1.15rem;margin:2.4rem 0 .8rem;padding-top:.9rem;border-top:1px solid var(--rule)}
        p,.gaps{margin:.55rem 0;max-width:46rem;overflow-wrap:anywhere}
        a{color:var(--accent)}
        nav{font-size:.88rem;margin:1rem 0;line-height:1.9}
        nav a{margin-right:1.1rem;white-space:nowrap}
        figure{margin:1.4rem 0 2.2rem}
        figcaption{color:var(--muted);font-size:.85rem;line-height:1.45;margin-top:.3rem;max-width:46rem}
        figcaption b{color:var(--ink)}
        .files{white-space:nowrap}
        .single{max-width:860px}
        .panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:.8rem}
        .panels svg.plot{max-width:440px}
        .two{max-width:880px}
        .scroll{overflow-x:auto}
        .scroll:focus-visible{outline:2px solid var(--accent)}
        svg.plot{display:block;width:100%;height:auto}
        .single svg.plot{min-width:520px}
        table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;white-space:nowrap;margin:.4rem 0}
        th,td{text-align:right;padding:.3rem .7rem;border-bottom:1px solid var(--rule)}
        th{color:var(--muted);font-weight:600;white-space:normal;vertical-align:bottom;min-width:3rem}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        .warnings{background:var(--panel);border-left:4px solid var(--warn);padding:.1rem 1.2rem .6rem;margin:1.4rem 0}
        .warnings h2{border:0;margin:.6rem 0 .2rem;padding:0;color:var(--warn)}
        .warnings ul{margin:.3rem 0;padding-left:1.1rem}
        .gaps{color:var(--muted);font-size:.88rem}
        pre{background:var(--panel);padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;font-size:.88rem}
        dt{color:var(--muted)}
        dd{margin:0;overflow-wrap:anywhere}
        @media print{main{max-width:none;padding:0}figure,tr,.warnings{break-inside:avoid}h2{break-after:avoid}nav{display:none}.scroll{overflow:visible}table{font-size:.68rem;white-space:normal}.single{max-width:620px}.panels{grid-template-columns:repeat(3,1fr)}}
        """
}
